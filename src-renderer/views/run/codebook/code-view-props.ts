import type { ReactNode } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import type { Sample } from '../../../pictures/sample.ts'

/** What a part of the codebook's page shows: codes of a run at one of its samples, one of them chosen. */
export interface CodeViewProps {
  run: RunDetail
  sample: Sample
  names: CodeNames
  code: number
  onCode: (code: number) => void
}

/** A part that fills the page, with the choice of parts among its own controls. */
export interface CodePageProps extends CodeViewProps {
  choice: ReactNode
}
