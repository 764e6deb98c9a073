import { useCallback, useMemo } from 'react'
import { useListParam, useParam } from '../address.ts'
import type { HorizontalAxis, Range } from './chart-layout.ts'

/** How a view shows its curves; all of it stands in the address. */
export function useCurveSettings() {
  const [axisText, setAxis] = useParam('axis', 'step')
  const [smoothingText, setSmoothing] = useParam('smooth', '0')
  const [rangeText, setRangeText] = useParam('range')
  const [logs, setLogs] = useListParam('log')
  const [large, setLarge] = useParam('chart')
  const axis: HorizontalAxis = axisText === 'time' ? 'time' : 'step'
  const smoothing = Math.min(0.99, Math.max(0, Number(smoothingText) || 0))
  const range = useMemo<Range | null>(() => {
    const [low, high] = rangeText.split(',').map(Number)
    return rangeText !== '' && low !== undefined && high !== undefined && low < high ? [low, high] : null
  }, [rangeText])
  const setRange = useCallback(
    (next: Range | null) =>
      setRangeText(next === null ? '' : next.map((end) => String(Number(end.toPrecision(6)))).join(',')),
    [setRangeText],
  )
  return {
    axis,
    setAxis: useCallback(
      (next: string) => {
        // A range of steps means nothing on the time axis.
        setRangeText('')
        setAxis(next)
      },
      [setAxis, setRangeText],
    ),
    smoothing,
    setSmoothing: useCallback((next: number) => setSmoothing(String(next)), [setSmoothing]),
    range,
    setRange,
    isLog: useCallback((metric: string) => logs.includes(metric), [logs]),
    toggleLog: useCallback(
      (metric: string) => setLogs(logs.includes(metric) ? logs.filter((name) => name !== metric) : [...logs, metric]),
      [logs, setLogs],
    ),
    /** Metric of the one chart shown large; '' for all. */
    large,
    setLarge,
  }
}
export type CurveSettings = ReturnType<typeof useCurveSettings>
