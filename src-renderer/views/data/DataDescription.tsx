import { useEffect, useState } from 'react'
import type { api } from '../../api/client.ts'
import { Panel } from '../../components/panel.tsx'
import { Cell, HeadCell, Table, TableHead } from '../../components/table.tsx'
import { formatInteger } from '../../format.ts'

type Description = Awaited<ReturnType<typeof api.data.describe>>

/** Counts, contact sheet, classes, texts and unreadable files of a picture source. */
export function DataDescription({ description }: { description: Description }) {
  const { pictures, training, heldOut, looked, classes, unreadable, unreadableCount, captions, texts } = description
  const streamed = looked !== null
  const partly = streamed && looked < pictures
  const largest = Math.max(1, ...classes.map(({ count }) => count))
  return (
    <div className="flex flex-col gap-4">
      <dl className="grid grid-cols-5 divide-x divide-line rounded-lg border border-line bg-surface">
        <Count name="Pictures" count={pictures} />
        <Count name="Training" count={training} about={partly} />
        <Count name={streamed ? 'Held out, evaluated' : 'Held out'} count={heldOut} />
        <Count name="Classes" count={classes.filter(({ name }) => name !== '').length} />
        <Count name="Left out" count={unreadableCount} alert={unreadableCount > 0} />
      </dl>
      {partly && (
        <p className="text-sm text-muted">
          {formatInteger(looked)} of the pictures were looked at, spread over the whole: classes, captions and texts
          below are of these. Which pictures are held out is decided by what their bytes are, when each is first read.
        </p>
      )}
      {unreadable.length > 0 && (
        <Panel
          title="Left out"
          hint={
            unreadableCount > unreadable.length
              ? `the first ${formatInteger(unreadable.length)} of ${formatInteger(unreadableCount)}`
              : 'with the reason'
          }
          flush
        >
          <ul className="max-h-40 overflow-auto text-sm">
            {unreadable.map(({ file, reason }) => (
              <li key={`${file} ${reason}`} className="border-b border-line px-3 py-1.5 last:border-b-0">
                <code className="font-mono break-all">{file}</code>
                <span className="text-muted">: {reason}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title="Contact sheet" hint="as they are cropped" flush>
        <ContactSheet sheet={description.sheet} />
      </Panel>
      <Panel title="Captions" hint="spread over the pictures" flush>
        <div className="max-h-64 overflow-auto">
          <Table>
            <tbody>
              {captions.map(({ id, caption }) => (
                <tr key={id}>
                  <Cell className="h-7 w-1/3 max-w-56 truncate font-mono text-xs text-muted">{id}</Cell>
                  <Cell className="h-auto py-1.5 whitespace-normal">{caption}</Cell>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      </Panel>
      <div className="grid grid-cols-2 items-start gap-4">
        <Panel title="Classes" hint="pictures of each" flush>
          <div className="max-h-80 overflow-auto">
            <Table>
              <tbody>
                {classes
                  .toSorted((a, b) => b.count - a.count)
                  .map(({ name, count }) => (
                    <tr key={name}>
                      <Cell className={`h-7 max-w-40 truncate ${name === '' ? 'text-faint' : ''}`}>
                        {name === '' ? 'no class' : name}
                      </Cell>
                      <Cell className="h-7 w-2/5">
                        <div
                          aria-hidden
                          className="h-2 rounded-[2px] bg-accent/70"
                          style={{ width: `${(count / largest) * 100}%` }}
                        />
                      </Cell>
                      <Cell numeric className="h-7 font-mono">
                        {formatInteger(count)}
                      </Cell>
                    </tr>
                  ))}
              </tbody>
            </Table>
          </div>
        </Panel>
        <Panel
          title="Texts"
          hint={`${formatInteger(texts.training)} training, ${formatInteger(texts.heldOut)} held out`}
          flush
        >
          <div className="max-h-80 overflow-auto">
            <Table>
              <TableHead>
                <tr>
                  <HeadCell>Instruction</HeadCell>
                  <HeadCell>Answer</HeadCell>
                </tr>
              </TableHead>
              <tbody>
                {texts.examples.map(({ question, answer }) => (
                  <tr key={`${question} ${answer}`}>
                    <Cell className="h-auto py-1.5 whitespace-normal">{question}</Cell>
                    <Cell className="h-auto py-1.5 whitespace-normal">{answer}</Cell>
                  </tr>
                ))}
              </tbody>
            </Table>
          </div>
        </Panel>
      </div>
    </div>
  )
}

const Count = ({
  name,
  count,
  about = false,
  alert = false,
}: {
  name: string
  count: number
  about?: boolean
  alert?: boolean
}) => (
  <div className="px-4 py-2.5">
    <dt className="text-xs text-muted">{name}</dt>
    <dd className={`font-mono text-lg font-medium ${alert ? 'text-warn' : ''}`}>
      {about && <span className="text-faint">≈ </span>}
      {formatInteger(count)}
    </dd>
  </div>
)

function ContactSheet({ sheet }: { sheet: Blob }) {
  const [address, setAddress] = useState('')
  useEffect(() => {
    const made = URL.createObjectURL(sheet)
    setAddress(made)
    return () => URL.revokeObjectURL(made)
  }, [sheet])
  return address === '' ? null : (
    <img
      src={address}
      alt="Contact sheet of the pictures"
      className="block w-full rounded-b-lg bg-white [image-rendering:pixelated]"
    />
  )
}
