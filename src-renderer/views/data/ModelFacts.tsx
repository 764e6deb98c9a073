import type { ModelDescription } from '../../../src-shared/models.ts'
import { cn } from '../../components/class-names.ts'
import { Fact, Facts, Panel } from '../../components/panel.tsx'
import { ErrorState } from '../../components/states.tsx'
import { formatBytes, formatInteger } from '../../format.ts'

/** Shape, vocabulary and tokenizer of a model, and how it reads a dialogue. */
export function ModelFacts({ description }: { description: ModelDescription }) {
  const { sizes, tokenizer, example } = description
  return (
    <>
      <div className="grid grid-cols-2 items-start gap-4">
        <Panel title="Decoder" hint={description.format === 'gguf' ? 'GGUF file' : 'Hugging Face folder'}>
          <Facts>
            <Fact name="Parameters" mono>
              {formatInteger(description.parameters)}
            </Fact>
            <Fact name="Vocabulary × width" mono>
              {formatInteger(sizes.vocabulary)} × {formatInteger(sizes.width)}
            </Fact>
            <Fact name="Blocks" mono>
              {sizes.layers}
            </Fact>
            <Fact name="Heads, key-value heads" mono>
              {sizes.heads}, {sizes.keyValueHeads}
            </Fact>
            <Fact name="Feed-forward width" mono>
              {formatInteger(sizes.feedForward)}
            </Fact>
            <Fact name="Output matrix">{sizes.tied ? 'the embedding table' : 'one of its own'}</Fact>
            <Fact name="Context" mono>
              {description.context === 0 ? 'not said' : `${formatInteger(description.context)} tokens`}
            </Fact>
            <Fact name="Stored as" mono>
              {description.storage.join(', ')}
            </Fact>
            <Fact name="As float32" mono>
              {formatBytes(description.wideBytes)}
            </Fact>
          </Facts>
        </Panel>
        <Panel title="Tokenizer">
          {tokenizer ? (
            <Facts>
              <Fact name="Tokens" mono>
                {formatInteger(tokenizer.tokens)}
              </Fact>
              <Fact name="Special tokens" mono>
                {formatInteger(tokenizer.special)}
              </Fact>
              <Fact name="Begins every text" mono>
                {tokenizer.begin || 'none'}
              </Fact>
              <Fact name="Ends an answer" mono>
                {tokenizer.end}
              </Fact>
              <Fact name="Chat template">{description.ownTemplate ? 'its own' : 'none: laid out as for Vicuna'}</Fact>
            </Facts>
          ) : (
            <ErrorState
              title="Its tokenizer cannot be used"
              error={new Error(description.tokenizerProblem)}
              className="p-3"
            />
          )}
        </Panel>
      </div>
      {example.length > 0 && (
        <Panel title="A dialogue as it reads it" hint="what it learns is marked: answers and their closing token">
          <p className="font-mono text-xs leading-5 break-words whitespace-pre-wrap">
            {example.map(({ text, learned }, at) => (
              <span
                // biome-ignore lint/suspicious/noArrayIndexKey: runs of one text, which never move
                key={at}
                className={cn(learned && 'rounded-[3px] bg-accent-soft text-accent underline underline-offset-2')}
              >
                {text}
              </span>
            ))}
          </p>
        </Panel>
      )}
      <Panel title="Path">
        <code className="font-mono text-sm break-all select-text">{description.path}</code>
      </Panel>
    </>
  )
}
