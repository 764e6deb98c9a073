/** What keys do, in the inspector. */
export const KeyList = ({ keys }: { keys: readonly (readonly [keys: string, does: string])[] }) => (
  <dl className="mt-3 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
    {keys.map(([key, does]) => (
      <div key={key} className="contents">
        <dt className="font-mono text-muted">{key}</dt>
        <dd>{does}</dd>
      </div>
    ))}
  </dl>
)
