import { useCallback, useMemo, useState } from 'react'
import type { CodeLikelihoods, Prompt } from '../../../../src-shared/contract/multimodal.ts'
import { api } from '../../../api/client.ts'
import { useLatest } from '../../../api/use-latest.ts'
import { useSettled } from '../../../api/use-settled.ts'
import { viridis } from '../../../colours.ts'
import { Input } from '../../../components/input.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../../components/states.tsx'
import { formatFixed, formatSigned } from '../../../format.ts'
import { CellBoard, type CellMark } from '../../../pictures/CellBoard.tsx'
import { endOfScale, paintNll, sum } from '../../../pictures/paint-nll.ts'
import { ScaleLegend } from '../../../pictures/ScaleLegend.tsx'
import { gridOf, mapsOfOrder, placesInOrder } from '../../../pictures/token-order.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import { changedCells, type Maps } from './edits.ts'

const TILE = 112
/** Milliseconds without a further edit before the model is asked. */
const WAIT = 250

/** How likely the model finds the map before and after the edits, as what it would have painted for a request. */
export function LikelihoodPanel({ model, original, edited }: { model: StudioModel; original: Maps; edited: Maps }) {
  const { abilities } = model
  const [request, setRequest] = useState(abilities.unconditionalRequest)
  const settled = useSettled(request.trim(), 400)
  if (abilities.cannotPaint !== null)
    return (
      <Panel title="Likelihood of the map">
        <p className="text-sm text-muted">{abilities.cannotPaint}</p>
      </Panel>
    )
  return (
    <Panel title="Likelihood of the map" hint="NLL in nats, as the answer to this request">
      <div className="flex flex-col gap-3">
        <Input
          aria-label="Request that the map answers"
          value={request}
          onChange={(event) => setRequest(event.target.value)}
        />
        {settled === '' ? (
          <p className="text-sm text-muted">Write a request to paint.</p>
        ) : (
          <Likelihoods model={model} question={settled} original={original} edited={edited} />
        )}
      </div>
    </Panel>
  )
}

function Likelihoods({
  model: { run, abilities, names },
  question,
  original,
  edited,
}: {
  model: StudioModel
  question: string
  original: Maps
  edited: Maps
}) {
  const { sides } = abilities
  const before = useScore(run.id, question, original)
  const after = useScore(run.id, question, edited)
  const [cursor, setCursor] = useState<{ layer: number; cell: number } | null>(null)
  const maps = useMemo(() => {
    if (!before.output || !after.output) return null
    const [was, is] = [mapsOfOrder(before.output.nll, sides), mapsOfOrder(after.output.nll, sides)]
    const end = endOfScale([...was, ...is])
    const painted = (values: Float32Array[]) =>
      values.map((map, layer) => ({ data: paintNll(map, end), width: sides[layer] ?? 1, height: sides[layer] ?? 1 }))
    return { end, was: painted(was), is: painted(is) }
  }, [before.output, after.output, sides])
  const places = useMemo(() => placesInOrder(sides), [sides])
  const changed = useMemo(() => changedCells(edited, original), [edited, original])
  const error = after.error ?? before.error
  if (error !== null) return <ErrorState title="The model could not score the codes" error={error} />
  if (!maps || !before.output || !after.output) return <Skeleton lines={5} />
  const [totalBefore, totalAfter] = [sum(before.output.nll), sum(after.output.nll)]
  const rows = [
    { name: 'Original', total: totalBefore, images: maps.was, score: before.output, codes: original, edits: false },
    { name: 'Edited', total: totalAfter, images: maps.is, score: after.output, codes: edited, edits: true },
  ]
  const describe = (score: CodeLikelihoods, codes: Maps) => {
    if (!cursor) return null
    const place = places[cursor.layer]?.[cursor.cell] ?? 0
    const code = codes[cursor.layer]?.[cursor.cell] ?? 0
    const best = score.best[place] ?? 0
    return `${code} ${names.tokenText(code)}: ${formatFixed(score.nll[place] ?? Number.NaN, 2)} nats${best === code ? ', the likeliest' : `; likeliest ${best} ${names.tokenText(best)}`}`
  }
  return (
    <div className="flex flex-col gap-2" aria-busy={after.input !== edited && after.output !== null}>
      {rows.map(({ name, total, images, score, codes, edits }) => (
        <div key={name} className="flex flex-wrap items-start gap-3">
          <div className="w-36 shrink-0">
            <p className="text-xs text-muted">{name}</p>
            <p className="font-mono text-lg font-semibold">{formatFixed(total, 1)}</p>
            <p className="text-xs text-faint tabular-nums">{formatFixed(total / score.nll.length, 3)} a code</p>
            {edits && (
              <p className="text-xs tabular-nums">
                {totalAfter === totalBefore
                  ? 'as before'
                  : `${formatSigned(totalAfter - totalBefore, 1)}: ${totalAfter < totalBefore ? 'likelier' : 'less likely'}`}
              </p>
            )}
            <p className="mt-1 min-h-8 text-xs break-words text-muted">{describe(score, codes)}</p>
          </div>
          {images.map((image, layer) => (
            <CellBoard
              // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
              key={layer}
              label={`NLL of ${name.toLowerCase()} codes, layer ${layer}. Arrow keys move from cell to cell.`}
              pixels={image}
              size={TILE}
              grid={gridOf(sides[layer] ?? 1)}
              hatched={null}
              marks={[
                ...(edits ? (changed[layer] ?? []).map((cell): CellMark => ({ cell, kind: 'changed' })) : []),
                ...(cursor?.layer === layer ? [{ cell: cursor.cell, kind: 'cursor' } as const] : []),
              ]}
              cursor={cursor?.layer === layer ? cursor.cell : null}
              onPoint={(cell) => setCursor(cell === null ? null : { layer, cell })}
            />
          ))}
        </div>
      ))}
      <ScaleLegend low="0" middle={null} high={formatFixed(maps.end, 1)} unit="nats a code" scale={viridis} />
    </div>
  )
}

function useScore(id: string, question: string, codes: Maps) {
  const score = useCallback(
    (of: Maps) => {
      const prompt: Prompt = { before: [], question, pictures: [] }
      return api.multimodal.score({ id, prompt, codes: of })
    },
    [id, question],
  )
  return useLatest(score, codes, WAIT)
}
