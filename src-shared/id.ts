import { z } from 'zod'

/** Names a run, an ablation or an evaluation; it is the name of its directory as well, and leads nowhere else. */
export const idSchema = z.string().regex(/^[\w-]{1,80}$/, 'letters, digits, "-" and "_" only, at most 80 of them')
