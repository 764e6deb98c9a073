import { oc } from '@orpc/contract'
import { z } from 'zod'
import { idSchema } from '../id.ts'

/** What a procedure of the contract can fail with: values with a code, a sentence for people and a hint. */
const errors = {
  NOT_FOUND: { data: z.object({ hint: z.string() }) },
  BAD_REQUEST: {
    data: z.object({ hint: z.string(), problems: z.array(z.object({ path: z.string(), message: z.string() })) }),
  },
  CONFLICT: { data: z.object({ hint: z.string() }) },
  UNREADABLE: { status: 422, data: z.object({ hint: z.string() }) },
}

export const procedure = oc.errors(errors)

/** Names a run, an ablation or an evaluation. */
export const id = z.object({ id: idSchema })
