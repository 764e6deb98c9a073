import { memo, useLayoutEffect, useRef } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { setParams, useParam } from '../../../address.ts'
import { Checkbox } from '../../../components/checkbox.tsx'
import { Panel } from '../../../components/panel.tsx'
import { ErrorState, Skeleton } from '../../../components/states.tsx'
import { formatCountOf, formatInteger } from '../../../format.ts'
import type { Sample } from '../../../pictures/sample.ts'
import { layerName } from '../CodeCard.tsx'
import { formatCell } from '../cell-address.ts'
import { type Patch, usePatches } from './use-code-life.ts'

const LIMIT = 60
const TILE = 52

/** The regions of the held-out pictures that a code paints: what was there, and what the decoder makes of the code. */
export const PatchMontage = memo(function PatchMontage({
  run,
  sample,
  code,
}: {
  run: RunDetail
  sample: Sample
  code: number
}) {
  const [around, setAround] = useParam('around')
  const margin = around === '1' ? 1 : 0
  const query = usePatches({ id: run.id, code, step: sample.step, limit: LIMIT, margin })
  const patches = query.data?.patches ?? []
  const layers = [...new Set(patches.map(({ layer }) => layer))].sort((a, b) => a - b)
  return (
    <Panel
      title="What it paints"
      hint={query.data ? wordsOf(patches, sample.step) : undefined}
      actions={
        <Checkbox checked={margin === 1} onChange={(on) => setAround(on ? '1' : '')}>
          Surroundings
        </Checkbox>
      }
    >
      {query.isError ? (
        <ErrorState title="The patches cannot be shown" error={query.error} onRetry={() => void query.refetch()} />
      ) : query.isPending ? (
        <Skeleton lines={4} />
      ) : patches.length === 0 ? (
        <p className="text-sm text-muted">
          No held-out picture of this or an earlier sample uses the code. It may still be used by training pictures: see
          its training hits.
        </p>
      ) : (
        <div className="flex flex-col gap-3" aria-busy={query.isFetching}>
          {layers.map((layer) => (
            <section key={layer} aria-label={`Layer ${layer}`}>
              <h3 className="mb-1 text-xs text-muted">
                Layer {layerName(sample, layer)}{' '}
                <span className="text-faint">
                  {Math.round(sample.side / (sample.layers[layer]?.grid.rows ?? 1))} px a cell; input above,
                  reconstruction below
                </span>
              </h3>
              <ul className="flex flex-wrap gap-1.5">
                {patches
                  .filter((patch) => patch.layer === layer)
                  .map((patch) => (
                    <li key={`${patch.step} ${patch.picture} ${patch.cell}`}>
                      <PatchButton patch={patch} margin={margin} />
                    </li>
                  ))}
              </ul>
            </section>
          ))}
        </div>
      )}
    </Panel>
  )
})

function wordsOf(patches: readonly Patch[], step: number): string {
  const older = patches.filter((patch) => patch.step !== step).length
  const now = patches.length - older
  const words = `${formatCountOf(now, 'region')} at step ${formatInteger(step)}`
  return `${words}${older > 0 ? `, ${formatInteger(older)} that it has left since` : ''}${patches.length === LIMIT ? ', the first' : ''}`
}

/** One region, input over reconstruction; opens the code map there. */
function PatchButton({ patch, margin }: { patch: Patch; margin: number }) {
  const { step, layer, picture, cell, caption } = patch
  const words = `Picture ${picture + 1}, ${caption}, cell ${cell}, step ${formatInteger(step)}`
  return (
    <button
      type="button"
      title={`${words}. Opens the code map there.`}
      aria-label={`${words}: open the code map there`}
      onClick={() =>
        setParams(
          {
            tab: 'maps',
            step: String(step),
            picture: String(picture + 1),
            cell: formatCell({ layer, cell }),
          },
          { push: true },
        )
      }
      className="flex flex-col gap-px rounded-sm border border-line p-px hover:border-accent"
    >
      <PatchPixels data={patch.input} side={patch.side} margin={margin} />
      <PatchPixels data={patch.reconstruction} side={patch.side} margin={margin} />
    </button>
  )
}

function PatchPixels({ data, side, margin }: { data: Uint8ClampedArray<ArrayBuffer>; side: number; margin: number }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(data, side, side), 0, 0)
  }, [data, side])
  const cells = 1 + 2 * margin
  return (
    <span className="relative block" style={{ width: TILE, height: TILE }}>
      <canvas
        ref={canvas}
        width={side}
        height={side}
        className="block size-full bg-sunken"
        style={{ imageRendering: side > TILE ? 'auto' : 'pixelated' }}
      />
      {margin > 0 && (
        <span
          className="absolute border border-[#f0e442] outline outline-black/60"
          style={{
            left: `${(100 * margin) / cells}%`,
            top: `${(100 * margin) / cells}%`,
            width: `${100 / cells}%`,
            height: `${100 / cells}%`,
          }}
        />
      )}
    </span>
  )
}
