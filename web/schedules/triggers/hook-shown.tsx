import type { Hook } from '../../../contract/triggers.ts'
import { basePath } from '../../lib/base.ts'
import { useMessages } from '../../lib/messages.ts'
import { CodeBlock } from '../../ui/code-block.tsx'
import { ShownOnce } from '../../ui/shown-once.tsx'

/** Address and key of a webhook, which the server gives out this once. */
export function HookShown({ hook, onClose }: { readonly hook: Hook; readonly onClose: () => void }) {
  const t = useMessages('triggers')
  return (
    <ShownOnce title={t.hookTitle} text={t.hookOnce} done={t.hookCopied} onClose={onClose}>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div>
          <p className="mb-1.5 font-medium">{t.hookAddress}</p>
          <CodeBlock code={`${location.origin}${basePath}${hook.path}`} label={t.hookAddress} wrap />
        </div>
        <div>
          <p className="mb-1.5 font-medium">{t.hookKey}</p>
          <CodeBlock code={hook.key} label={t.hookKey} wrap />
          <p className="mt-1.5 text-sm text-muted-foreground text-pretty">{t.hookKeyText}</p>
        </div>
      </div>
    </ShownOnce>
  )
}
