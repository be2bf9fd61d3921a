import { Fingerprint, ShieldAlert } from 'lucide-react'
import { useState } from 'react'
import { useCan } from '../account/use-session.ts'
import type { DoctorReport, Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { CopyButton } from '../ui/copyable.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { RelativeTime } from '../ui/relative-time.tsx'
import { useConfirmHostKey } from './doctor-queries.ts'

type Offered = NonNullable<DoctorReport['offeredHostKey']>

interface HostKeyPanelProps {
  readonly node: Node
  readonly offered: Offered
  readonly onConfirmed: () => void
}

/** Asks a person about a host key: calmly about the first one, loudly about one that has changed. */
export function HostKeyPanel(props: HostKeyPanelProps) {
  return props.node.hostKeys.length > 0 ? <ChangedKey {...props} /> : <FirstKey {...props} />
}

function FirstKey({ node, offered, onConfirmed }: HostKeyPanelProps) {
  const t = useMessages('nodes').hostKey
  const confirm = useConfirmHostKey(node.id, onConfirmed)
  const mayConfirm = useCan('node.write')
  return (
    <section className="grid gap-3 rounded-lg border border-status-wait/35 bg-status-wait/8 p-4">
      <h3 className="flex items-center gap-2 text-lg font-semibold">
        <Fingerprint aria-hidden className="size-5 shrink-0 text-status-wait" />
        {t.confirmTitle}
      </h3>
      <p className="text-pretty">{t.confirmText}</p>
      <CodeBlock label={t.command} code={compareCommand(offered.type)} />
      <BigFingerprint hostKey={offered} label={t.fingerprint} />
      <p className="text-sm text-muted-foreground">{t.same}</p>
      {confirm.isError && <ErrorPanel error={confirm.error} isCompact />}
      {mayConfirm ? (
        <Button
          variant="approve"
          className="justify-self-start max-sm:w-full"
          isLoading={confirm.isPending}
          onClick={() => confirm.mutate(offered)}
        >
          {t.confirm}
        </Button>
      ) : (
        <p>{t.readOnly}</p>
      )}
    </section>
  )
}

function ChangedKey({ node, offered, onConfirmed }: HostKeyPanelProps) {
  const t = useMessages('nodes').hostKey
  const confirm = useConfirmHostKey(node.id, onConfirmed)
  const mayConfirm = useCan('node.write')
  const [typed, setTyped] = useState('')
  const isTyped = typed.trim() === node.name.trim()
  return (
    <section role="alert" className="grid gap-4 rounded-lg border-2 border-status-fail bg-status-fail/8 p-4">
      <div>
        <h3 className="flex items-center gap-2 text-lg font-semibold text-status-fail">
          <ShieldAlert aria-hidden className="size-5 shrink-0" />
          {t.changedTitle}
        </h3>
        <p className="mt-1">{t.changedText}</p>
      </div>
      <div className="grid gap-3 lg:grid-cols-2">
        <div className="min-w-0">
          <p className="mb-1.5 text-sm text-muted-foreground">{t.before}</p>
          <ul className="grid gap-2">
            {node.hostKeys.map(({ type, fingerprint, seenAt }) => (
              <li key={fingerprint} className="rounded-md border border-border bg-card p-3">
                <code className="block text-sm break-all">{fingerprint}</code>
                <span className="text-sm text-muted-foreground">
                  {type}, {t.seen} <RelativeTime at={seenAt} />
                </span>
              </li>
            ))}
          </ul>
        </div>
        <div className="min-w-0">
          <p className="mb-1.5 text-sm text-muted-foreground">{t.now}</p>
          <BigFingerprint hostKey={offered} label={t.now} />
        </div>
      </div>
      <div>
        <h4 className="font-medium">{t.means}</h4>
        <ul className="mt-1 list-disc space-y-1 ps-5">
          {t.meanings.map((meaning) => (
            <li key={meaning}>{meaning}</li>
          ))}
        </ul>
      </div>
      <CodeBlock label={t.command} code={compareCommand(offered.type)} />
      {confirm.isError && <ErrorPanel error={confirm.error} isCompact />}
      {mayConfirm ? (
        <form
          className="grid gap-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (isTyped && !confirm.isPending) confirm.mutate(offered)
          }}
        >
          <Field label={<span className="foreign">{t.typeName(node.name)}</span>}>
            <Input
              value={typed}
              spellCheck={false}
              autoCapitalize="none"
              className="sm:max-w-80"
              onChange={(event) => setTyped(event.target.value)}
            />
          </Field>
          <Button
            type="submit"
            variant="danger"
            className="justify-self-start max-sm:w-full"
            disabled={!isTyped}
            isLoading={confirm.isPending}
          >
            {t.trustNew}
          </Button>
        </form>
      ) : (
        <p>{t.readOnly}</p>
      )}
    </section>
  )
}

/** Large and in groups, since eyes compare it. What is copied is whole. */
function BigFingerprint({ hostKey, label }: { readonly hostKey: Offered; readonly label: string }) {
  const [kind, body = ''] = hostKey.fingerprint.split(':')
  const groups = body.match(/.{1,8}/g) ?? []
  return (
    <div className="flex items-start gap-2 rounded-md border border-border bg-card p-3">
      <div className="min-w-0 flex-1">
        <code className="sr-only">{hostKey.fingerprint}</code>
        <code aria-hidden className="flex flex-wrap gap-x-2 text-xl leading-8 select-none">
          <span className="text-muted-foreground">{kind}:</span>
          {groups.map((group, place) => (
            <span key={place}>{group}</span>
          ))}
        </code>
        <span className="text-sm text-muted-foreground foreign">{hostKey.type}</span>
      </div>
      <CopyButton value={hostKey.fingerprint} what={label} />
    </div>
  )
}

/** Where OpenSSH keeps the public half of each type; others have to be looked for. */
const files: Record<string, string> = {
  'ssh-ed25519': 'ssh_host_ed25519_key.pub',
  'ssh-rsa': 'ssh_host_rsa_key.pub',
  'ecdsa-sha2-nistp256': 'ssh_host_ecdsa_key.pub',
  'ecdsa-sha2-nistp384': 'ssh_host_ecdsa_key.pub',
  'ecdsa-sha2-nistp521': 'ssh_host_ecdsa_key.pub',
}

/** The type comes from the node, so it picks a command and never becomes part of one. */
const compareCommand = (type: string): string =>
  files[type]
    ? `ssh-keygen -lf /etc/ssh/${files[type]}`
    : 'for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $f; done'
