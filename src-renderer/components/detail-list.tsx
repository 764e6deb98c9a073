import type { ReactNode } from 'react'

/** Names and values that may be long, in two columns, each value beginning at the same place. */
export const DetailList = ({ children }: { children: ReactNode }) => (
  <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-1">{children}</dl>
)

export const Detail = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-muted">{name}</dt>
    <dd className="min-w-0 break-words">{children}</dd>
  </>
)
