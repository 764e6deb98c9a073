import type { ComponentProps, CSSProperties, ReactNode, Ref } from 'react'
import type { ChartLayout } from './chart-layout.ts'

/** What stands around the data of every chart: the box, its axes and their words. */

/** Where the data stand, px of the chart's box. */
export type PlotArea = ChartLayout['plot']

/** A word or a number at an axis. */
export const AxisText = ({
  x,
  y,
  anchor = 'start',
  children,
}: {
  x: number
  y: number
  anchor?: 'start' | 'middle' | 'end'
  children: ReactNode
}) => (
  <text x={x} y={y} textAnchor={anchor} fontSize={10.5} fill="var(--faint)">
    {children}
  </text>
)

/** A line across the plot, sharp on whole pixels. */
export const PlotLine = ({ plot, y, ...look }: { plot: PlotArea; y: number } & ComponentProps<'line'>) => (
  <line x1={plot.left} x2={plot.left + plot.width} y1={Math.round(y) + 0.5} y2={Math.round(y) + 0.5} {...look} />
)

/** A value of the upright axis: faint across the plot, its number on the left. */
export const ValueMark = ({ plot, y, children }: { plot: PlotArea; y: number; children: ReactNode }) => (
  <g>
    <PlotLine plot={plot} y={y} stroke="var(--text)" strokeOpacity={0.07} />
    <AxisText x={plot.left - 6} y={Math.round(y) + 4} anchor="end">
      {children}
    </AxisText>
  </g>
)

/** A canvas on the plot's area under an SVG with the axes, read with the pointer and with the keys that the label names. */
export function CanvasPlot({
  box,
  canvas,
  plot,
  width,
  height,
  label,
  canvasStyle,
  axes,
  children,
  ...events
}: {
  box: Ref<HTMLDivElement>
  canvas: Ref<HTMLCanvasElement>
  plot: PlotArea
  width: number
  height: number
  label: string
  canvasStyle?: CSSProperties
  /** SVG over the canvas. */
  axes: ReactNode
  /** What stands over both. */
  children?: ReactNode
} & Pick<ComponentProps<'div'>, 'onPointerMove' | 'onPointerLeave' | 'onBlur' | 'onClick' | 'onKeyDown'>) {
  return (
    <div
      ref={box}
      className="relative touch-none"
      style={{ height }}
      role="img"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the chart is read with keys
      tabIndex={0}
      {...events}
    >
      <canvas
        ref={canvas}
        className="absolute"
        style={{ left: plot.left, top: plot.top, width: plot.width, height: plot.height, ...canvasStyle }}
      />
      <svg className="pointer-events-none absolute inset-0" width={width} height={height} aria-hidden="true">
        {axes}
      </svg>
      {children}
    </div>
  )
}
