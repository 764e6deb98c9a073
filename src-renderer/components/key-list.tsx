/** What keys do, in the inspector. */
export const KeyList = ({ keys }: { keys: readonly { keys: readonly string[]; does: string }[] }) => (
  <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
    {keys.map(({ keys: pressed, does }) => (
      <div key={does} className="contents">
        <dt className="font-mono text-muted">{pressed.join(' ')}</dt>
        <dd>{does}</dd>
      </div>
    ))}
  </dl>
)
