import { Lasso, Maximize, Move } from 'lucide-react'
import { type ReactNode, useCallback, useMemo, useRef, useState } from 'react'
import type { RunDetail } from '../../../../src-shared/contract/runs.ts'
import { setParams, useNumberParam, useParam } from '../../../address.ts'
import { formatLoop, type Loop, parseLoop, pointsInside, thinned } from '../../../charts/point-map/lasso.ts'
import { pointGrid } from '../../../charts/point-map/nearby.ts'
import { type Marker, PointMap } from '../../../charts/point-map/PointMap.tsx'
import type { PointPainter } from '../../../charts/point-map/painter.ts'
import {
  type Bounds,
  type Box,
  boundsOf,
  formatView,
  type PlaneView,
  parseView,
  unionOf,
  viewOf,
} from '../../../charts/point-map/view.ts'
import { IconButton } from '../../../components/button.tsx'
import { useInspector } from '../../../components/inspector.tsx'
import { Panel } from '../../../components/panel.tsx'
import { Select } from '../../../components/select.tsx'
import { EmptyState, ErrorState } from '../../../components/states.tsx'
import { Segmented } from '../../../components/tabs.tsx'
import { formatFixed, formatInteger } from '../../../format.ts'
import type { CodeNames } from '../../../pictures/code-names.ts'
import { ScaleLegend } from '../../../pictures/ScaleLegend.tsx'
import { hitsOf, type Sample } from '../../../pictures/sample.ts'
import { useScheme } from '../../../theme.ts'
import { CodeCard } from '../CodeCard.tsx'
import { CodeLinks } from '../codebook/CodeLinks.tsx'
import { useCode } from '../codebook/code-choice.ts'
import { nearestStep } from '../steps.ts'
import { POINT_COLOURING_LABELS, type PointLegend, pointColourings, pointColours } from './map-colours.ts'
import { codeChoices, codePlaces, codesToDraw, MOST_LINES, mapScene, placesAt } from './map-scene.ts'
import { mapTheme } from './map-theme.ts'
import { PickedCodes } from './PickedCodes.tsx'
import { SyncPanel } from './SyncPanel.tsx'
import { useSync, useSyncSteps } from './use-syncs.ts'

const CHOICE_LABELS = { used: 'Used codes', moved: 'Moved codes', all: 'All codes' }

interface Props {
  run: RunDetail
  sample: Sample
  names: CodeNames
  choice: ReactNode
}

/** Visual codes and LLM rows on the two principal directions of the LLM's table. */
export function DriftMap(props: Props) {
  const { map } = props.sample
  if (!map)
    return (
      <div className="flex flex-col gap-3">
        <div>{props.choice}</div>
        <EmptyState title="No map to show">
          {props.sample.cosine.length === 0
            ? 'The codebook of this run is independent: there are no LLM rows to draw beside its codes.'
            : 'The samples of this run were recorded before maps were. Clone the run to record them.'}
        </EmptyState>
      </div>
    )
  return <MapOfCodes {...props} map={map} />
}

function MapOfCodes({ run, sample, names, choice, map }: Props & { map: NonNullable<Sample['map']> }) {
  const scheme = useScheme()
  const [selected, setSelected] = useCode(sample, names)
  const [colourText, setColour] = useParam('colour', 'usage')
  const [codesText, setCodes] = useParam('codes', 'used')
  const [lassoText, setLasso] = useParam('lasso')
  const [viewText, setView] = useParam('eye')
  const [syncWanted, setSync] = useNumberParam('sync')
  const [share, setShare] = useState(0)
  const [tool, setTool] = useState<'pan' | 'lasso'>('pan')
  const [kind, setKind] = useState<PointPainter['kind']>('webgl')
  const [place, setPlace] = useState<{ x: number; y: number; reach: number } | null>(null)

  const syncs = useSyncSteps(run.id, run.syncs.length)
  const syncStep = syncWanted === null ? null : nearestStep(syncs.data ?? [], syncWanted)
  const sync = useSync(run.id, syncStep)
  const moves = syncStep === null ? null : (sync.data ?? null)

  const colouring = pointColourings.find((one) => one === colourText) ?? 'usage'
  const chosen = codeChoices.find((one) => one === codesText) ?? 'used'
  const drawn = useMemo(() => codesToDraw(sample, chosen, selected), [sample, chosen, selected])
  const places = useMemo(() => codePlaces(map.codes, moves), [map, moves])
  const now = useMemo(() => placesAt(places, share), [places, share])
  const loop = useMemo(() => parseLoop(lassoText), [lassoText])
  const inside = useMemo(() => (loop ? pointsInside(loop, now, drawn) : null), [loop, now, drawn])
  const colours = useMemo(() => pointColours(colouring, sample, drawn, scheme), [colouring, sample, drawn, scheme])
  const lined = useMemo(
    () => codesWithLines(sample, drawn, inside, selected, moves?.moved ?? null),
    [sample, drawn, inside, selected, moves],
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme changes what the CSS variables mean
  const theme = useMemo(mapTheme, [scheme])
  const scene = useMemo(() => {
    const { hits } = hitsOf(sample, null)
    const weight = (code: number) => hits[code] ?? 0
    return mapScene({ rows: map.rows, places, codes: drawn, lined, colour: colours.colour, weight, ...theme })
  }, [sample, map, places, drawn, lined, colours, theme])
  const home = useHome(run.id, map)

  const codeGrid = useMemo(() => pointGrid(now, drawn), [now, drawn])
  const rowGrid = useMemo(() => pointGrid(map.rows), [map])
  const pointed = useMemo(() => {
    if (!place) return null
    const code = codeGrid.nearest(place.x, place.y, place.reach)
    if (code >= 0) return { code, row: false }
    const row = rowGrid.nearest(place.x, place.y, place.reach)
    return row >= 0 ? { code: row, row: true } : null
  }, [place, codeGrid, rowGrid])
  const markers = useMemo<Marker[]>(() => {
    const at = (xy: Float32Array, code: number) => ({ x: xy[2 * code] as number, y: xy[2 * code + 1] as number })
    const marks: Marker[] = [{ ...at(now, selected), kind: 'selected' }]
    if (pointed) marks.push({ ...at(pointed.row ? map.rows : now, pointed.code), kind: 'hovered' })
    return marks
  }, [now, map, selected, pointed])

  const openLife = useCallback(() => setParams({ tab: 'codebook', view: 'life' }, { push: true }), [])
  useInspector(
    useMemo(
      () => (
        <>
          <CodeCard sample={sample} names={names} code={selected} layer={null} />
          <CodeLinks
            runId={run.id}
            sample={sample}
            names={names}
            code={selected}
            samples={run.sampleSteps.length}
            onLife={openLife}
          />
        </>
      ),
      [run.id, run.sampleSteps.length, sample, names, selected, openLife],
    ),
  )
  const onView = useCallback((view: PlaneView | null) => setView(view ? formatView(view) : ''), [setView])
  const onLoop = useCallback(
    (next: Loop | null) => {
      setLasso(next ? formatLoop(thinned(next)) : '')
      setTool('pan')
    },
    [setLasso],
  )
  return (
    <div className="flex h-full min-h-0 flex-col gap-3">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-2">
        {choice}
        <Segmented
          label="Codes on the map"
          value={chosen}
          onChange={setCodes}
          options={codeChoices.map((value) => ({ value, label: CHOICE_LABELS[value] }))}
        />
        <Select
          label="Colour of codes"
          value={colouring}
          onChange={setColour}
          options={pointColourings.map((value) => ({ value, label: POINT_COLOURING_LABELS[value] }))}
          className="w-28"
        />
        <Legend legend={colours.legend} />
      </div>
      <div className="grid min-h-0 flex-1 grid-cols-1 gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(300px,2fr)]">
        <Panel
          title="Codes and LLM rows"
          hint={`${formatInteger(drawn.length)} codes, ${formatInteger(map.rows.length / 2)} rows (grey)`}
          flush
          className="min-h-80 overflow-hidden"
          actions={
            <span className="flex items-center">
              <IconButton
                label="Move the map"
                size="iconSmall"
                aria-pressed={tool === 'pan'}
                onClick={() => setTool('pan')}
              >
                <Move aria-hidden />
              </IconButton>
              <IconButton
                label="Lasso"
                shortcut="shift and drag"
                size="iconSmall"
                aria-pressed={tool === 'lasso'}
                onClick={() => setTool('lasso')}
              >
                <Lasso aria-hidden />
              </IconButton>
              <IconButton label="Show all" shortcut="double-click" size="iconSmall" onClick={() => onView(null)}>
                <Maximize aria-hidden />
              </IconButton>
            </span>
          }
        >
          <PointMap
            scene={scene}
            share={share}
            view={parseView(viewText)}
            home={home}
            tool={tool}
            loop={loop}
            markers={markers}
            label={`Map of ${formatInteger(drawn.length)} codes and ${formatInteger(map.rows.length / 2)} LLM rows; the table beside it lists the codes`}
            card={pointed && <PointWords sample={sample} names={names} code={pointed.code} row={pointed.row} />}
            onView={onView}
            onPoint={setPlace}
            onPick={() => pointed && setSelected(pointed.code)}
            onLoop={onLoop}
            onKind={setKind}
          />
        </Panel>
        <PickedCodes
          sample={sample}
          names={names}
          codes={inside ?? drawn}
          lassoed={inside !== null}
          selected={selected}
          onCode={setSelected}
          onDrop={() => onLoop(null)}
        />
      </div>
      <div className="flex shrink-0 flex-wrap items-center justify-between gap-x-6 gap-y-1">
        <SyncPanel
          steps={syncs.data ?? []}
          step={syncStep}
          share={share}
          moved={moves?.moved.length ?? null}
          loading={sync.isFetching}
          onStep={(step) => {
            setSync(step)
            setShare(0)
          }}
          onShare={setShare}
        />
        <p className="text-xs text-faint">
          Principal directions of the LLM’s table at the first sample.
          {kind === 'canvas' && ' No graphics device for WebGL here: the processor draws.'}
        </p>
      </div>
      {sync.isError && (
        <ErrorState title="This sync cannot be shown" error={sync.error} onRetry={() => void sync.refetch()} />
      )}
    </div>
  )
}

/** Codes with a stroke to their row: the selected one, those in the lasso, or (if they are few) all that have moved. */
function codesWithLines(
  sample: Sample,
  drawn: Int32Array,
  inside: Int32Array | null,
  selected: number,
  synced: Int32Array | null,
): Int32Array {
  const wanted = inside ?? synced ?? drawn.filter((code) => (sample.distance[code] ?? 0) > 1e-6)
  const few = wanted.length <= MOST_LINES ? wanted : inside ? wanted.subarray(0, MOST_LINES) : new Int32Array()
  return few.includes(selected) ? few : Int32Array.from([selected, ...few])
}

/** The view of everything that the map has shown of this run so far, so that it stands still while time moves. */
function useHome(runId: string, map: { codes: Float32Array; rows: Float32Array }): (box: Box) => PlaneView {
  const seen = useRef<{ runId: string; bounds: Bounds | null }>({ runId, bounds: null })
  return useMemo(() => {
    if (seen.current.runId !== runId) seen.current = { runId, bounds: null }
    seen.current.bounds = unionOf(seen.current.bounds, boundsOf(map.rows, map.codes))
    const bounds = seen.current.bounds ?? { left: -1, right: 1, bottom: -1, top: 1 }
    return (box) => viewOf(bounds, box)
  }, [runId, map])
}

function Legend({ legend }: { legend: PointLegend }) {
  if (legend.kind === 'scale') return <ScaleLegend {...legend} middle={null} />
  return (
    <ul className="flex flex-wrap gap-x-3 text-xs text-muted">
      {legend.words.map(({ label, colour }) => (
        <li key={label} className="flex items-center gap-1.5">
          <span aria-hidden className="size-2.5 rounded-full" style={{ background: `rgb(${colour.join(' ')})` }} />
          {label}
        </li>
      ))}
    </ul>
  )
}

function PointWords({ sample, names, code, row }: { sample: Sample; names: CodeNames; code: number; row: boolean }) {
  const { hits } = hitsOf(sample, null)
  return (
    <>
      <p>
        <span className="font-mono font-medium">{names.number(code)}</span>{' '}
        <span className="font-mono text-accent">{names.text(code)}</span>{' '}
        <span className="text-faint">{row ? 'LLM row' : 'visual code'}</span>
      </p>
      <p className="text-muted">
        {formatInteger(hits[code] ?? 0)} hits · cosine {formatFixed(sample.cosine[code] ?? Number.NaN, 3)} · norm{' '}
        {formatFixed(sample.norm[code] ?? Number.NaN, 2)}
      </p>
    </>
  )
}
