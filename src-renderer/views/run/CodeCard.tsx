import { InspectorSection } from '../../components/inspector.tsx'
import { Fact, Facts } from '../../components/panel.tsx'
import { formatFixed, formatInteger } from '../../format.ts'
import type { CodeNames } from '../../pictures/code-names.ts'
import type { Sample } from '../../pictures/sample.ts'

/** What is known of one code at one step. */
export function CodeCard({
  sample,
  names,
  code,
  layer,
  title = 'Code',
}: {
  sample: Sample
  names: CodeNames
  /** Row of the codebook’s table. */
  code: number
  /** The layer one looks at; null: all. */
  layer: number | null
  title?: string
}) {
  const token = names.text(code)
  const hits = sample.layers.map(({ usage }) => usage[code] ?? 0)
  return (
    <InspectorSection title={title}>
      <div className="mb-3 flex items-baseline gap-3">
        <span className="font-mono text-xl font-semibold">{names.number(code)}</span>
        {token && <span className="min-w-0 truncate font-mono text-lg text-accent">{token}</span>}
      </div>
      <Facts>
        {names.independent && <Fact name="LLM token">none: independent codebook</Fact>}
        {layer !== null && <Fact name="Layer">{layerName(sample, layer)}</Fact>}
        {hits.map((count, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
          <Fact key={index} name={`Hits in layer ${index}`} mono>
            {formatInteger(count)}
          </Fact>
        ))}
        {sample.cosine.length > 0 && (
          <>
            <Fact name="Cosine to LLM row" mono>
              {formatFixed(sample.cosine[code] ?? Number.NaN, 3)}
            </Fact>
            <Fact name="Distance |c − l| / |l|" mono>
              {formatFixed(sample.distance[code] ?? Number.NaN, 3)}
            </Fact>
          </>
        )}
        {sample.norm.length > 0 && (
          <Fact name="Norm" mono>
            {formatFixed(sample.norm[code] ?? Number.NaN, 3)}
          </Fact>
        )}
        <Fact name="At step" mono>
          {formatInteger(sample.step)}
        </Fact>
      </Facts>
    </InspectorSection>
  )
}

/** "0 (coarse, 4 × 4)", "1 (middle, 8 × 8)", "2 (fine, 16 × 16)"; maps of one size have no word. */
export function layerName(sample: Sample, layer: number): string {
  const grid = sample.layers[layer]?.grid
  if (!grid) return String(layer)
  const coarsest = sample.layers[0]?.grid.rows ?? grid.rows
  const finest = sample.layers.at(-1)?.grid.rows ?? grid.rows
  const words = grid.rows === coarsest ? 'coarse, ' : grid.rows === finest ? 'fine, ' : 'middle, '
  const word = coarsest === finest ? '' : words
  return `${layer} (${word}${grid.rows} × ${grid.columns})`
}
