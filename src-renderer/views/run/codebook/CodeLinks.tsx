import { HeartPulse, ScatterChart } from 'lucide-react'
import { setParams } from '../../../address.ts'
import { Sparkline } from '../../../charts/Sparkline.tsx'
import { Button } from '../../../components/button.tsx'
import { InspectorSection } from '../../../components/inspector.tsx'
import { Fact, Facts } from '../../../components/panel.tsx'
import { formatInteger } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import type { Sample } from '../../../pictures/sample.ts'
import { useCodeHistory } from './use-code-life.ts'

/** The life of the code at a glance, with the ways to see more of it. */
export function CodeLinks({
  runId,
  sample,
  names,
  code,
  onLife,
  samples,
}: {
  runId: string
  sample: Sample
  names: CodeNames
  code: number
  samples: number
  onLife: () => void
}) {
  const { data } = useCodeHistory(runId, code, samples)
  const life = data?.code === code ? data : undefined
  return (
    <>
      {life && (
        <InspectorSection title="Usage over time">
          <ul className="flex flex-col gap-2">
            {life.layers.map(({ window, heldOut, birth, lastUse }, layer) => {
              const trained = window.every((count) => count !== null)
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: layers have no other name
                <li key={layer} className="text-xs">
                  <div className="flex justify-between gap-2 text-muted">
                    <span>Layer {layer}</span>
                    <span>
                      {birth === null
                        ? trained
                          ? 'never used in training'
                          : 'held-out hits'
                        : `used at ${formatInteger(birth)} to ${formatInteger(lastUse ?? birth)}`}
                    </span>
                  </div>
                  <Sparkline
                    x={life.steps}
                    y={trained ? (window as number[]) : heldOut}
                    marks={life.restartSteps}
                    at={sample.step}
                    label={`Hits of code ${names.number(code)} in layer ${layer} over the run`}
                  />
                </li>
              )
            })}
          </ul>
          {life.restarts !== null && (
            <Facts className="mt-2">
              <Fact name="Restarts" mono>
                {formatInteger(life.restarts)}
              </Fact>
            </Facts>
          )}
        </InspectorSection>
      )}
      <InspectorSection title="See more">
        <div className="flex flex-wrap gap-2">
          <Button size="small" onClick={onLife}>
            <HeartPulse aria-hidden /> Life of this code
          </Button>
          {sample.map && (
            <Button
              size="small"
              onClick={() =>
                setParams({ tab: 'drift', drift: 'map', code: String(names.number(code)) }, { push: true })
              }
            >
              <ScatterChart aria-hidden /> On the drift map
            </Button>
          )}
        </div>
      </InspectorSection>
    </>
  )
}
