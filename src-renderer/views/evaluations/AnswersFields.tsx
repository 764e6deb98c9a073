import {
  type BenchmarkName,
  benchmarkNames,
  benchmarkTitles,
  holdsPictures,
} from '../../../src-shared/answer-results.ts'
import type { RunSummary } from '../../../src-shared/contract/runs.ts'
import { Field, Input, TextArea } from '../../components/input.tsx'
import { NumberInput } from '../../components/number-input.tsx'
import { Select } from '../../components/select.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { type AnswersForm, BENCHMARK_FILES } from './asked-form.ts'
import { PathField } from './PathField.tsx'
import { RunField } from './RunField.tsx'

const UNANSWERED = [
  { value: 'own', label: 'As its own scoring does' },
  { value: 'refuse', label: 'Refuse' },
  { value: 'wrong', label: 'Count as wrong' },
  { value: 'leave-out', label: 'Leave out' },
]
const UNKNOWN = [
  { value: 'refuse', label: 'Refuse' },
  { value: 'ignore', label: 'Ignore' },
]

/** Answers to a benchmark: its official files, and who answers. */
export function AnswersFields({
  form,
  runs,
  onChange,
  problem,
}: {
  form: AnswersForm
  /** Runs whose model can be asked. */
  runs: readonly RunSummary[]
  onChange: (change: Partial<AnswersForm>) => void
  /** What is wrong with a setting, by its path. */
  problem: (path: string) => string | undefined
}) {
  const files = BENCHMARK_FILES[form.benchmark]
  const path = (key: 'ocr' | 'images' | 'answers', label: string, placeholder: string, hint?: string) => (
    <PathField
      label={label}
      value={form[key]}
      placeholder={placeholder}
      hint={hint}
      problem={problem(key === 'answers' ? 'by.path' : key)}
      onChange={(value) => onChange({ [key]: value })}
    />
  )
  return (
    <>
      <div className="grid grid-cols-2 gap-3">
        <Field label="Benchmark">
          {(props) => (
            <Select
              {...props}
              value={form.benchmark}
              options={benchmarkNames.map((value) => ({ value, label: benchmarkTitles[value] }))}
              onChange={(value) => onChange({ benchmark: value as BenchmarkName })}
            />
          )}
        </Field>
        <Field label="Questions without an answer">
          {(props) => (
            <Select
              {...props}
              value={form.unanswered}
              options={UNANSWERED}
              onChange={(value) => onChange({ unanswered: value as AnswersForm['unanswered'] })}
            />
          )}
        </Field>
      </div>
      <Field
        label="Official questions"
        problem={problem('questions')}
        hint="The whole path of the file, on the machine that the workbench runs on."
      >
        {(props) => (
          <TextArea
            {...props}
            rows={files.several ? 3 : 1}
            className="font-mono"
            placeholder={files.questions}
            value={form.questions}
            onChange={(event) => onChange({ questions: event.target.value })}
          />
        )}
      </Field>
      {files.annotations !== null && (
        <Field
          label="Official annotations"
          hint={files.isOptional ? 'For answers by LLaVA’s numbers alone.' : undefined}
          problem={problem('annotations')}
        >
          {(props) => (
            <TextArea
              {...props}
              rows={files.several ? 2 : 1}
              className="font-mono"
              placeholder={files.annotations ?? ''}
              value={form.annotations}
              onChange={(event) => onChange({ annotations: event.target.value })}
            />
          )}
        </Field>
      )}
      {files.split && (
        <Field label="Split" hint="test, unless said otherwise">
          {(props) => (
            <Input
              {...props}
              placeholder="test"
              value={form.questionSplit}
              onChange={(event) => onChange({ questionSplit: event.target.value })}
            />
          )}
        </Field>
      )}
      {files.ocr && path('ocr', 'OCR tokens for the prompts', 'TextVQA_Rosetta_OCR_v0.2_val.json', 'May be left out.')}
      {!holdsPictures(form.benchmark) &&
        path(
          'images',
          'Folder of the pictures',
          'val2014',
          'Questions are listed with their pictures; a run needs them.',
        )}
      <div>
        <Segmented
          label="Who answers"
          value={form.by}
          onChange={(by) => onChange({ by: by as AnswersForm['by'] })}
          options={[
            { value: 'file', label: 'A file of answers' },
            { value: 'run', label: 'A run' },
          ]}
        />
      </div>
      {form.by === 'file' ? (
        <>
          {path(
            'answers',
            'Answers',
            'answers.jsonl',
            'Official JSON, LLaVA’s JSON lines, or a table with the columns index and prediction.',
          )}
          <Field label="Answers to questions that are not in the benchmark">
            {(props) => (
              <Select
                {...props}
                value={form.unknown}
                options={UNKNOWN}
                onChange={(value) => onChange({ unknown: value as AnswersForm['unknown'] })}
              />
            )}
          </Field>
        </>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)_8rem] gap-3">
          <RunField
            label="Run"
            runs={runs}
            value={form.run}
            none="No run has a language model that was taught to read pictures."
            onChange={(run) => onChange({ run })}
          />
          <Field label="Questions (0: all)">
            {(props) => <NumberInput {...props} value={form.limit} onChange={(limit) => onChange({ limit })} />}
          </Field>
        </div>
      )}
    </>
  )
}
