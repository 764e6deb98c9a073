import { type } from '@orpc/contract'
import { z } from 'zod'
import type { ModelDescription, ModelList } from '../models.ts'
import { procedure } from './procedure.ts'

/** Pretrained language models. */
export const models = {
  /** SmolLM2, whether installed or not, then those in the home and those known by their path. */
  list: procedure.output(type<ModelList>()),
  /** Reads a model's headers and tokenizer, and remembers its path. */
  describe: procedure.input(z.object({ path: z.string().min(1).max(4096) })).output(type<ModelDescription>()),
  /** Takes a path off the list; its files stay. */
  forget: procedure.input(z.object({ path: z.string().min(1).max(4096) })).output(type<{ forgotten: true }>()),
  /** Begins to install SmolLM2; changes of the topic "models" tell how far it is. */
  install: procedure.output(type<{ started: true }>()),
  cancelInstall: procedure.output(type<{ cancelled: boolean }>()),
}
