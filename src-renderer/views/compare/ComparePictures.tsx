import { useQueries } from '@tanstack/react-query'
import { Images } from 'lucide-react'
import { type ReactNode, useMemo, useState } from 'react'
import type { RunDetail } from '../../../src-shared/contract/runs.ts'
import { useNumberParam, useParam } from '../../address.ts'
import { LineSwatch } from '../../charts/CurveChart.tsx'
import { useSize } from '../../charts/use-size.ts'
import { useStableList } from '../../charts/use-stable-list.ts'
import { diverging, runDash } from '../../colours.ts'
import { Button } from '../../components/button.tsx'
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx'
import { Segmented } from '../../components/tabs.tsx'
import { formatInteger } from '../../format.ts'
import { PictureStrip } from '../../pictures/PictureStrip.tsx'
import { PictureTile } from '../../pictures/PictureTile.tsx'
import { ERROR_SCALE, meanSquaredError, rgba } from '../../pictures/paint.ts'
import { ScaleLegend } from '../../pictures/ScaleLegend.tsx'
import { pictureBytes, type Sample } from '../../pictures/sample.ts'
import { tileLayout } from '../../pictures/tile-layout.ts'
import { useKeys } from '../../pictures/use-keys.ts'
import { sampleQuery } from '../../pictures/use-sample.ts'
import { type Viewport, WHOLE, zoomAbout } from '../../pictures/viewport.ts'
import { useRunColour } from '../../theme.ts'
import { StepSlider } from '../run/StepSlider.tsx'
import { commonSteps, nearestStep, neighbouringStep } from '../run/steps.ts'
import { PairChoice } from './PairChoice.tsx'
import { type PairMode, PairTile } from './PairTile.tsx'
import { samePicture } from './same-pictures.ts'

const GAP = 12
const CAPTION = 22
const MODES = [
  { value: 'all', label: 'Side by side' },
  { value: 'wipe', label: 'Wipe' },
  { value: 'blink', label: 'Blink' },
  { value: 'difference', label: 'Difference' },
]

/** Reconstructions of the same held-out picture by several runs at one common step. */
export function ComparePictures({ runs }: { runs: readonly RunDetail[] }) {
  const steps = useMemo(() => commonSteps(runs.map((run) => run.sampleSteps)), [runs])
  const [wanted, setWanted] = useNumberParam('step')
  const step = nearestStep(steps, wanted)
  const samples = useQueries({
    queries: runs.map((run) => ({ ...sampleQuery(run.id, step), enabled: step !== null })),
  })
  const loaded = useStableList(samples.flatMap((sample) => sample.data ?? []))
  const setStep = (next: number) => setWanted(next === steps.at(-1) ? null : next)
  useKeys((event) => {
    if (step === null || (event.key !== ',' && event.key !== '.')) return false
    setStep(neighbouringStep(steps, step, event.key === ',' ? -1 : 1))
    return true
  })
  if (step === null)
    return (
      <EmptyState icon={<Images />} title="No common step yet">
        {runs.map((run) => (
          <p key={run.id}>
            {run.name}:{' '}
            {run.sampleSteps.length === 0
              ? `no sample yet, one every ${formatInteger(run.config.training.sampleEvery)} steps`
              : `samples at ${run.sampleSteps.slice(0, 6).map(formatInteger).join(', ')}${run.sampleSteps.length > 6 ? ', …' : ''}`}
          </p>
        ))}
      </EmptyState>
    )
  const failed = samples.findIndex((sample) => sample.isError)
  if (failed >= 0)
    return (
      <ErrorState
        title={`The sample of ${runs[failed]?.name} at step ${step} could not be read`}
        error={samples[failed]?.error}
        onRetry={() => void samples[failed]?.refetch()}
      />
    )
  if (loaded.length < runs.length) return <Skeleton lines={8} />
  return (
    <Board
      runs={runs}
      samples={loaded}
      slider={
        <StepSlider steps={steps} step={step} onStep={setStep} loading={samples.some((sample) => sample.isFetching)} />
      }
    />
  )
}

function Board({
  runs,
  samples,
  slider,
}: {
  runs: readonly RunDetail[]
  samples: readonly Sample[]
  slider: ReactNode
}) {
  const [pictureParam, setPicture] = useNumberParam('picture')
  const [modeText, setMode] = useParam('mode', 'all')
  const [aText, setA] = useParam('a')
  const [bText, setB] = useParam('b')
  const [wipe, setWipe] = useState(0.5)
  const [shown, setShown] = useState<'a' | 'b'>('a')
  const [viewport, setViewport] = useState<Viewport>(WHOLE)
  const colour = useRunColour()
  const [box, size] = useSize<HTMLDivElement>()
  const first = samples[0] as Sample
  const pictures = Math.min(...samples.map((sample) => sample.pictures))
  const picture = Math.min(pictures - 1, Math.max(0, (pictureParam ?? 1) - 1))
  const indexOf = (id: string, otherwise: number) => {
    const at = runs.findIndex((run) => run.id === id)
    return at < 0 ? Math.min(otherwise, runs.length - 1) : at
  }
  const [a, b] = [indexOf(aText, 0), indexOf(bText, 1)]
  const mode = runs.length > 1 ? modeText : 'all'
  const pair = mode === 'wipe' || mode === 'blink' || mode === 'difference' ? (mode as PairMode) : null
  const different = samples.flatMap((sample, index) =>
    samePicture(first, sample, picture) ? [] : [runs[index]?.name ?? ''],
  )

  useKeys((event) => {
    if (event.key === '[') setPicture(((picture - 1 + pictures) % pictures) + 1)
    else if (event.key === ']') setPicture(((picture + 1) % pictures) + 1)
    else if (event.key === ' ' && pair && !(event.target instanceof HTMLButtonElement)) {
      setMode('blink')
      setShown(pair === 'blink' && shown === 'a' ? 'b' : 'a')
    } else if (event.key === '+' || event.key === '=') setViewport(zoomAbout(viewport, 0.5, 0.5, 2, first.side))
    else if (event.key === '-') setViewport(zoomAbout(viewport, 0.5, 0.5, 0.5, first.side))
    else if (event.key === '0') setViewport(WHOLE)
    else if (pair === 'wipe' && (event.key === 'ArrowLeft' || event.key === 'ArrowRight'))
      setWipe(Math.min(1, Math.max(0, wipe + (event.key === 'ArrowLeft' ? -0.02 : 0.02))))
    else return false
    return true
  })

  const tiles = tileLayout(pair ? 2 : runs.length + 1, size.width, size.height, GAP, CAPTION, 128)
  const images = useMemo(
    () => ({
      input: toPixels(first, first.input, picture),
      runs: samples.map((sample) => ({
        pixels: toPixels(sample, sample.reconstruction, picture),
        mse: meanSquaredError(
          pictureBytes(sample.input, picture, sample.side),
          pictureBytes(sample.reconstruction, picture, sample.side),
        ),
      })),
    }),
    [first, samples, picture],
  )
  const name = (index: number) => runs[index]?.name ?? ''
  const single = (key: string, caption: ReactNode, hint: string, pixels: ReturnType<typeof toPixels>) => (
    <figure key={key}>
      <Caption size={tiles.size} hint={hint}>
        {caption}
      </Caption>
      <PictureTile
        label={`${key} of ${first.captions[picture]}`}
        pixels={pixels}
        size={tiles.size}
        side={pixels.width}
        viewport={viewport}
        onViewport={setViewport}
        outlines={NO_OUTLINES}
        crosshair={null}
        onPoint={NONE}
        onLeave={NONE}
        onPick={NONE}
      />
    </figure>
  )

  return (
    <div className="flex h-full min-h-0 flex-col gap-2">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-2">
        {runs.length > 1 && <Segmented label="Way of comparing" value={mode} onChange={setMode} options={MODES} />}
        {pair && <PairChoice runs={runs} a={a} b={b} onA={setA} onB={setB} />}
        {pair === 'blink' && (
          <Button size="small" aria-pressed={shown === 'b'} onClick={() => setShown(shown === 'a' ? 'b' : 'a')}>
            Blink (space)
          </Button>
        )}
        {viewport.zoom > 1 && (
          <Button size="small" variant="ghost" onClick={() => setViewport(WHOLE)}>
            {viewport.zoom.toFixed(1)} ×, show all
          </Button>
        )}
        <span className="ml-auto" />
        {slider}
      </div>
      {different.length > 0 && (
        <p role="status" className="shrink-0 rounded-md bg-warn-soft px-3 py-1.5 text-sm text-warn">
          Not the same picture: {different.join(', ')} {different.length === 1 ? 'holds' : 'hold'} out other pictures
          than {name(0)}, whose input is shown.
        </p>
      )}
      <div ref={box} className="min-h-0 flex-1 overflow-auto" data-testid="compare-pictures">
        {size.width > 0 && (
          <div
            className="grid w-fit"
            style={{ gap: GAP, gridTemplateColumns: `repeat(${tiles.columns}, ${tiles.size}px)` }}
          >
            {single('Input', 'Input', `${first.side} px`, images.input)}
            {!pair &&
              runs.map((run, index) => {
                const image = images.runs[index]
                return (
                  image &&
                  single(
                    run.id,
                    <>
                      <LineSwatch colour={colour(run.colour)} dash={runDash(run.colour)} /> {run.name}
                    </>,
                    `MSE ${image.mse.toFixed(4)}`,
                    image.pixels,
                  )
                )
              })}
            {pair && (
              <figure>
                <Caption
                  size={tiles.size}
                  hint={
                    pair === 'wipe' ? (
                      `A ${Math.round(wipe * 100)} %`
                    ) : pair === 'difference' ? (
                      <ScaleLegend
                        low={`−${ERROR_SCALE}`}
                        middle="0"
                        high={`+${ERROR_SCALE}`}
                        unit="of 255"
                        scale={signedScale}
                      />
                    ) : (
                      'space blinks'
                    )
                  }
                >
                  {pair === 'blink'
                    ? `${shown === 'a' ? 'A' : 'B'}: ${name(shown === 'a' ? a : b)}`
                    : pair === 'wipe'
                      ? `A: ${name(a)} | B: ${name(b)}`
                      : `A − B: ${name(a)} − ${name(b)}`}
                </Caption>
                {samples[a]?.side === samples[b]?.side ? (
                  <PairTile
                    mode={pair}
                    a={reconstruction(samples[a], picture)}
                    b={reconstruction(samples[b], picture)}
                    names={{ a: name(a), b: name(b) }}
                    side={samples[a]?.side ?? 0}
                    size={tiles.size}
                    viewport={viewport}
                    onViewport={setViewport}
                    wipe={wipe}
                    onWipe={setWipe}
                    shown={shown}
                  />
                ) : (
                  <EmptyState title="Pictures of different size">
                    {name(a)} has {samples[a]?.side} px and {name(b)} {samples[b]?.side} px. Compare them side by side.
                  </EmptyState>
                )}
              </figure>
            )}
          </div>
        )}
      </div>
      {pair === 'wipe' && (
        <input
          type="range"
          min={0}
          max={1}
          step={0.01}
          value={wipe}
          aria-label="Share of the tile that shows A"
          onChange={(event) => setWipe(Number(event.target.value))}
          className="sr-only"
        />
      )}
      <PictureStrip
        sample={first}
        show="input"
        pictures={pictures}
        picture={picture}
        occurrences={null}
        onPicture={(index) => setPicture(index + 1)}
      />
    </div>
  )
}

const NONE = () => {}
const signedScale = (position: number) => diverging(2 * position - 1)
const NO_OUTLINES: never[] = []

const reconstruction = (sample: Sample | undefined, picture: number): Uint8Array =>
  sample ? pictureBytes(sample.reconstruction, picture, sample.side) : new Uint8Array()

const toPixels = (sample: Sample, bytes: Uint8Array, picture: number) => ({
  data: rgba(pictureBytes(bytes, picture, sample.side)),
  width: sample.side,
  height: sample.side,
})

const Caption = ({ size, hint, children }: { size: number; hint: ReactNode; children: ReactNode }) => (
  <figcaption className="flex h-[22px] items-center justify-between gap-2 text-xs" style={{ width: size }}>
    <span className="flex min-w-0 items-center gap-1.5 truncate font-medium">{children}</span>
    <span className="shrink-0 font-mono text-faint">{hint}</span>
  </figcaption>
)
