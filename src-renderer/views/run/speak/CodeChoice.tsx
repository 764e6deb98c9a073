import { Play } from 'lucide-react'
import { useState } from 'react'
import { codeOrder } from '../../../../src-shared/code-maps.ts'
import { Button } from '../../../components/button.tsx'
import { InspectorSection } from '../../../components/inspector.tsx'
import { Fact, Facts } from '../../../components/panel.tsx'
import { formatFixed, formatProbability } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { CodeBars } from '../multimodal/CodeBars.tsx'
import { choicesAt, type PaintedCode } from './speech.ts'

const MOST = 10

/** A code of a painted picture, what might have stood there, and painting on from another choice. */
export function CodeChoice({
  painted,
  place,
  sides,
  names,
  pinned,
  cannotContinue,
  onContinue,
}: {
  painted: PaintedCode
  place: number
  sides: readonly number[]
  names: CodeNames
  pinned: boolean
  /** Why painting cannot go on from here, in a sentence; null: it can. */
  cannotContinue: string | null
  onContinue: (code: number) => void
}) {
  const [wanted, setWanted] = useState<{ place: number; code: number } | null>(null)
  const chosen = wanted?.place === place ? wanted.code : painted.code
  const { choices, others } = choicesAt(painted, MOST)
  const { layer, at } = codeOrder(sides)[place] ?? { layer: 0, at: 0 }
  const side = sides[layer] ?? 1
  return (
    <InspectorSection title={pinned ? 'Painted code (pinned)' : 'Painted code'}>
      <div className="mb-2 flex items-baseline gap-3">
        <span className="font-mono text-xl font-semibold">{painted.code}</span>
        <span className="min-w-0 truncate font-mono text-lg text-accent">{names.tokenText(painted.code)}</span>
      </div>
      <Facts>
        <Fact name="Place in token order" mono>
          {place + 1}
        </Fact>
        <Fact name="Layer; row, column" mono>
          {`${layer}; ${Math.floor(at / side)}, ${at % side}`}
        </Fact>
        <Fact name="Probability" mono>
          {formatProbability(painted.probability)}
        </Fact>
        <Fact name="NLL [nats]" mono>
          {formatFixed(-Math.log(painted.probability), 3)}
        </Fact>
      </Facts>
      <h4 className="mt-3 mb-1 text-xs text-muted">Likeliest codes at this place</h4>
      <CodeBars
        label="Code to go on with"
        names={names}
        bars={choices.map((choice) => ({ ...choice, ...(choice.code === painted.code ? { word: 'painted' } : {}) }))}
        chosen={chosen}
        onChoose={(code) => setWanted({ place, code })}
      />
      <p className="mt-1 px-1 text-xs text-faint">All others together {formatProbability(others)}</p>
      {pinned &&
        (cannotContinue ? (
          <p className="mt-2 text-xs text-muted">{cannotContinue}</p>
        ) : (
          <Button variant="primary" className="mt-2 w-full" onClick={() => onContinue(chosen)}>
            <Play aria-hidden /> Continue from here with this code
          </Button>
        ))}
      {!pinned && <p className="mt-2 text-xs text-faint">Click pins the code.</p>}
    </InspectorSection>
  )
}
