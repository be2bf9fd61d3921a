import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Enrolment } from '../../contract/access.ts'
import { isPlainFrom, isPlainUser } from '../../contract/enrolment-terms.ts'
import type { CredentialId, NodeId } from '../../contract/ids.ts'
import type { Node } from '../../contract/nodes.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Checkbox } from '../ui/checkbox.tsx'
import { CodeBlock } from '../ui/code-block.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'
import { enrolmentQuery } from './enrolment-query.ts'

interface PasteBlockProps {
  readonly credentialId: CredentialId
  /** The node, once there is one. */
  readonly nodeId?: NodeId | null
  readonly username: string
  readonly elevation: Node['elevation']
  /** Agents that may run there; null for all. */
  readonly allowedAgents: Node['allowedAgents']
  /** The address of this server as the node has seen it. */
  readonly seenFrom?: string | null
}

/** One readable block for a root shell on the node: it lets in one key, for what is granted and nothing else. */
export function PasteBlock({
  credentialId,
  nodeId = null,
  username,
  elevation,
  allowedAgents,
  seenFrom = null,
}: PasteBlockProps) {
  const t = useMessages('nodes').paste
  const [from, setFrom] = useState(seenFrom ?? '')
  const [isJump, setJump] = useState(false)
  const isFromFine = isPlainFrom(from)
  const isUserFine = isPlainUser(username)
  const block = useQuery({
    ...enrolmentQuery({
      credentialId,
      nodeId,
      username,
      elevation,
      agents: allowedAgents && [...allowedAgents],
      from: isFromFine ? from : '',
      isJump,
    }),
    enabled: isUserFine,
  })
  if (!isUserFine) return <p className="text-muted-foreground">{t.invalidUser}</p>
  if (block.isError) return <ErrorPanel error={block.error} onRetry={() => void block.refetch()} isCompact />
  if (block.isPending) return <SkeletonRows rows={5} />
  const { paste, remove, sudo, ownAddresses } = block.data
  return (
    // One column that takes no more room than there is: the commands are wider than a phone.
    <div className="grid grid-cols-1 gap-4">
      <Contents block={block.data} username={username} elevation={elevation} />
      <div className="grid items-start gap-4 sm:grid-cols-2">
        <Field label={t.from} hint={t.fromHint} {...(isFromFine ? {} : { error: t.fromWrong })}>
          <Input
            mono
            value={from}
            spellCheck={false}
            autoCapitalize="none"
            placeholder="192.168.1.10"
            onChange={(event) => setFrom(event.target.value.trim())}
          />
        </Field>
        <Checkbox
          className="sm:pt-8"
          label={t.isJump}
          checked={isJump}
          onChange={(event) => setJump(event.target.checked)}
        />
      </div>
      {from === '' && <OwnAddresses addresses={ownAddresses} onChoose={setFrom} />}
      <CodeBlock label={t.what} code={paste} />
      {elevation === 'root' && username !== 'root' && <p className="text-sm text-status-wait">{t.root}</p>}
      {sudo.length > 0 && (
        <details>
          <summary className="w-fit text-sm font-medium">{t.sudoWhy}</summary>
          <dl className="mt-2 grid gap-2 text-sm">
            {sudo.map(({ why, argv }) => (
              <div key={argv.join(' ')} className="min-w-0">
                <dt className="foreign">{why}</dt>
                <dd className="break-words text-muted-foreground foreign">
                  <code>{argv.join(' ')}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <details>
        <summary className="w-fit text-sm font-medium">{t.undo}</summary>
        <CodeBlock className="mt-2" label={t.undo} code={remove} wrap />
      </details>
    </div>
  )
}

/** What the block does, and which agents exactly it lets in. */
function Contents({
  block: { bundles },
  username,
  elevation,
}: Pick<PasteBlockProps, 'username' | 'elevation'> & { readonly block: Enrolment }) {
  const t = useMessages('nodes').paste
  const isRoot = username === 'root'
  return (
    <div>
      <p className="text-pretty">{t.text}</p>
      <ul className="mt-1.5 list-disc ps-5 text-sm text-muted-foreground">
        {!isRoot && <li>{t.makesUser}</li>}
        <li>{t.writesGate}</li>
        {!isRoot && elevation === 'commands' && <li>{t.writesRules}</li>}
        <li>{t.letsIn}</li>
      </ul>
      <p className="mt-3 text-sm font-medium">{t.bundles}</p>
      {bundles.length === 0 && <p className="text-sm text-status-wait">{t.bundlesNone}</p>}
      <ul className="mt-1 grid gap-1 text-sm">
        {bundles.map(({ agentId, title, sha256 }) => (
          <li key={agentId} className="flex flex-wrap items-baseline gap-x-2">
            <span className="foreign">{title}</span>
            <code className="text-muted-foreground" title={sha256}>
              SHA-256 {sha256.slice(0, 16)}…
            </code>
          </li>
        ))}
      </ul>
    </div>
  )
}

interface OwnAddressesProps {
  readonly addresses: readonly string[]
  readonly onChoose: (address: string) => void
}

/** Addresses this server has. Behind a container or a router the node sees another one. */
function OwnAddresses({ addresses, onChoose }: OwnAddressesProps) {
  const t = useMessages('nodes').paste
  if (addresses.length === 0) return null
  return (
    <div className="-mt-2 flex flex-wrap items-center gap-2 text-sm">
      <span className="text-muted-foreground">{t.ownAddresses}</span>
      {addresses.slice(0, 6).map((address) => (
        <Button key={address} size="sm" variant="secondary" onClick={() => onChoose(address)}>
          <code>{address}</code>
        </Button>
      ))}
    </div>
  )
}
