import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { useState } from 'react'
import type { AskedEvaluation } from '../../../src-shared/kept-evaluations.ts'
import { navigate } from '../../address.ts'
import { api } from '../../api/client.ts'
import { runsQuery } from '../../api/queries.ts'
import { useScoring } from '../../api/scoring.ts'
import { Button } from '../../components/button.tsx'
import { Dialog } from '../../components/dialog.tsx'
import { describeError, ErrorState } from '../../components/states.tsx'
import { TabPanel, Tabs } from '../../components/tabs.tsx'
import { AnswersFields } from './AnswersFields.tsx'
import {
  answersFormOf,
  askedAnswers,
  askedPictures,
  emptyAnswers,
  emptyPictures,
  picturesFormOf,
} from './asked-form.ts'
import { PicturesFields } from './PicturesFields.tsx'

const KINDS = [
  { value: 'answers', label: 'Answers to a benchmark' },
  { value: 'pictures', label: 'Pictures' },
]

/** Asks what is to be scored, keeps it, begins with it and opens it. */
export function NewEvaluation({
  like = null,
  onClose,
}: {
  /** What the forms are filled with, to be changed. */
  like?: AskedEvaluation | null
  onClose: () => void
}) {
  const [kind, setKind] = useState<AskedEvaluation['kind']>(like?.kind ?? 'answers')
  const [answers, setAnswers] = useState(like?.kind === 'answers' ? answersFormOf(like) : emptyAnswers)
  const [pictures, setPictures] = useState(like?.kind === 'pictures' ? picturesFormOf(like) : emptyPictures)
  const { data: runs } = useQuery(runsQuery)
  const client = useQueryClient()
  const { current, start } = useScoring()
  const create = useMutation({
    mutationFn: (asked: AskedEvaluation) => api.evaluations.create({ asked }),
    onSuccess: ({ id }) => {
      start(id)
      onClose()
      navigate(`/evaluations/${id}`)
      return client.invalidateQueries({ queryKey: ['evaluations'] })
    },
  })
  const { asked, missing } = kind === 'answers' ? askedAnswers(answers) : askedPictures(pictures)
  const { problems } = describeError(create.error)
  const problem = (path: string) =>
    problems.find((one) => one.path === path || one.path.startsWith(`${path}.`))?.message
  const changed = () => {
    if (create.error) create.reset()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Score answers or pictures"
      description="Of a run here or of any other system, by the same code. Figures come with a card that says what they depend on."
      className="max-w-2xl"
      footer={
        <>
          <p className="mr-auto self-center text-xs text-muted">
            {current !== null
              ? 'Another evaluation is being scored; wait for it, or stop it.'
              : missing !== null
                ? `Still to be named: ${missing}.`
                : ''}
          </p>
          <Button
            variant="primary"
            disabled={asked === null || create.isPending || current !== null}
            onClick={() => asked && create.mutate(asked)}
          >
            <Play aria-hidden /> Score
          </Button>
        </>
      }
    >
      <Tabs
        label="What is scored"
        tabs={KINDS}
        value={kind}
        onChange={(next) => {
          changed()
          setKind(next as AskedEvaluation['kind'])
        }}
      >
        <TabPanel value="answers" className="flex flex-col gap-3 pt-4">
          <AnswersFields
            form={answers}
            runs={(runs ?? []).filter(({ latest }) => 'multimodal.loss' in latest)}
            onChange={(change) => {
              changed()
              setAnswers({ ...answers, ...change })
            }}
            problem={problem}
          />
        </TabPanel>
        <TabPanel value="pictures" className="flex flex-col gap-3 pt-4">
          <PicturesFields
            form={pictures}
            runs={runs ?? []}
            onChange={(change) => {
              changed()
              setPictures({ ...pictures, ...change })
            }}
            problem={problem}
          />
        </TabPanel>
      </Tabs>
      {create.error && problems.length === 0 && (
        <ErrorState className="mt-3" error={create.error} title="It was not taken" />
      )}
    </Dialog>
  )
}
