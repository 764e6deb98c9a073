import { useMemo, useState } from 'react'
import type { EvaluationResult } from '../../../src-shared/kept-evaluations.ts'
import { useInspector } from '../../components/inspector.tsx'
import { MetricCardLines, MetricCardTable } from '../../components/metric-cards.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatCountOf } from '../../format.ts'

/** Figures of pictures, each with its card in the inspector. */
export function PicturesResult({ result: { cards, unreadable } }: { result: EvaluationResult & { kind: 'pictures' } }) {
  const [chosen, setChosen] = useState(cards[0]?.metric ?? '')
  const card = cards.find(({ metric }) => metric === chosen) ?? null
  useInspector(useMemo(() => (card ? <MetricCardLines card={card} /> : null), [card]))
  return (
    <div className="flex flex-col gap-4">
      <Panel title="Figures" hint="choose one to see what it depends on" flush>
        <MetricCardTable
          cards={cards}
          chosen={chosen}
          onChoose={(metric) => setChosen(metric === chosen ? '' : metric)}
        />
      </Panel>
      {unreadable.count > 0 && (
        <Panel title={`${formatCountOf(unreadable.count, 'picture')} left out`} hint="they could not be read">
          <ul className="flex flex-col gap-1 text-sm">
            {unreadable.first.map((line) => (
              <li key={line} className="break-words">
                {line}
              </li>
            ))}
          </ul>
        </Panel>
      )}
    </div>
  )
}
