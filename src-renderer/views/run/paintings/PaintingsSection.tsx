import { useQuery } from '@tanstack/react-query'
import { Brush } from 'lucide-react'
import { useLayoutEffect, useRef, useState } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { api } from '../../../api/client.ts'
import { EmptyState, ErrorState, Skeleton } from '../../../components/states.tsx'
import { formatInteger } from '../../../format.ts'
import { hasPrior } from '../multimodal/second-stage.ts'
import { StepSlider } from '../StepSlider.tsx'
import { nearestStep } from '../steps.ts'
import { decodePaintings } from './painting.ts'

/** What a run painted at each of its evaluations: the same requests and the same random numbers every time. */
export function PaintingsSection({ run }: { run: RunDetail }) {
  const [wanted, setWanted] = useState<number | null>(null)
  const step = nearestStep(run.paintingSteps, wanted)
  const query = useQuery({
    queryKey: ['paintings', run.id, step],
    queryFn: async () => {
      const { step: recorded, file } = await api.runs.painting({ id: run.id, step: step as number })
      return decodePaintings(recorded, new Uint8Array(await file.arrayBuffer()))
    },
    enabled: step !== null,
    placeholderData: (previous) => previous,
  })
  if (step === null)
    return (
      <EmptyState icon={<Brush />} title="Nothing painted yet">
        {`The run paints at each evaluation of its ${hasPrior(run) ? 'prior' : 'second stage'}, which begins at step ${formatInteger(run.config.training.steps)}.`}
      </EmptyState>
    )
  if (query.isError)
    return (
      <ErrorState
        title={`The paintings of step ${formatInteger(step)} could not be read`}
        error={query.error}
        onRetry={() => void query.refetch()}
      />
    )
  if (!query.data) return <Skeleton lines={8} />
  return (
    <div className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="text-sm text-muted">
          The same requests and random numbers at every step: what changes is what the model has learned.
        </p>
        <StepSlider
          steps={run.paintingSteps}
          step={step}
          onStep={setWanted}
          loading={query.isFetching}
          what="Paintings"
        />
      </div>
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(8rem,1fr))] gap-4">
        {query.data.pictures.map(({ request, pixels }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: requests may be alike, and their order is fixed
          <li key={at} className="flex flex-col gap-1">
            <Painted pixels={pixels} side={query.data.side} label={request === '' ? 'no request' : request} />
            <span className="line-clamp-2 text-xs text-muted">{request === '' ? 'no request' : request}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}

function Painted({ pixels, side, label }: { pixels: Uint8ClampedArray<ArrayBuffer>; side: number; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useLayoutEffect(() => {
    canvas.current?.getContext('2d')?.putImageData(new ImageData(pixels, side, side), 0, 0)
  }, [pixels, side])
  return (
    <canvas
      ref={canvas}
      width={side}
      height={side}
      role="img"
      aria-label={`Painted: ${label}`}
      className="block aspect-square w-full rounded border border-line"
      style={{ imageRendering: 'pixelated' }}
    />
  )
}
