import { InspectorSection } from '../../../components/inspector.tsx'
import { KeyList } from '../../../components/key-list.tsx'
import { Fact, Facts } from '../../../components/panel.tsx'
import { EDITOR_KEYS } from '../keys.ts'
import type { StudioModel } from '../multimodal/WithModel.tsx'
import type { Cursor, Pair } from './edits.ts'

/** The cell that is pointed at, in both pictures, and the keys. */
export function EditCard({
  model: { names, abilities },
  cursor,
  now,
  original,
}: {
  model: StudioModel
  cursor: Cursor | null
  now: Pair
  original: Pair
}) {
  const codeOf = (pair: Pair, picture: 'a' | 'b') =>
    cursor === null ? null : (pair[picture][cursor.layer]?.[cursor.cell] ?? null)
  const written = (code: number | null) => (code === null ? '–' : `${code} ${names.tokenText(code)}`.trim())
  const side = cursor ? (abilities.sides[cursor.layer] ?? 1) : 1
  return (
    <>
      {cursor && (
        <InspectorSection title="Cell">
          <Facts>
            <Fact name="Layer" mono>
              {cursor.layer}
            </Fact>
            <Fact name="Row, column" mono>
              {`${Math.floor(cursor.cell / side)}, ${cursor.cell % side}`}
            </Fact>
            {(['a', 'b'] as const).flatMap((picture) => {
              const [is, was] = [codeOf(now, picture), codeOf(original, picture)]
              return [
                <Fact key={picture} name={`Code in ${picture.toUpperCase()}`} mono>
                  {written(is)}
                </Fact>,
                is !== was && (
                  <Fact key={`${picture} before`} name={`${picture.toUpperCase()} before`} mono>
                    {written(was)}
                  </Fact>
                ),
              ]
            })}
          </Facts>
        </InspectorSection>
      )}
      <InspectorSection title="Editing codes">
        <p className="text-sm text-muted">
          Drag over cells of a code map, or go there with Tab, to select them. A corner marks a cell that differs from
          its original.
        </p>
        <KeyList keys={EDITOR_KEYS} />
      </InspectorSection>
    </>
  )
}
