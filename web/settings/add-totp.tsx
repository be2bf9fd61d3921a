import { useMutation, useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { encode } from 'uqr'
import { api, ApiError, codeOf } from '../lib/api.ts'
import { useMessages } from '../lib/messages.ts'
import { Button } from '../ui/button.tsx'
import { Copyable } from '../ui/copyable.tsx'
import { Dialog, DialogClose } from '../ui/dialog.tsx'
import { ErrorPanel } from '../ui/error-panel.tsx'
import { Field } from '../ui/field.tsx'
import { Input } from '../ui/input.tsx'
import { SkeletonRows } from '../ui/skeleton.tsx'

interface AddTotpProps {
  readonly onClose: () => void
  /** With the recovery codes that came with it; null when there were some. */
  readonly onAdded: (recoveryCodes: readonly string[] | null) => void
}

/** Shares a secret with an authenticator app; its first code proves that it arrived. */
export function AddTotp({ onClose, onAdded }: AddTotpProps) {
  const t = useMessages('settings').factors
  const ui = useMessages('ui')
  const [code, setCode] = useState('')
  const begun = useQuery({
    queryKey: ['factors', 'begin-totp'],
    queryFn: () => api.factors.beginTotp(),
    // A secret of its own each time, and none kept.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  })
  const add = useMutation({
    mutationFn: (token: string) => api.factors.addTotp({ body: { token, code } }),
    onSuccess: ({ recoveryCodes }) => onAdded(recoveryCodes),
  })
  const isWrong = codeOf(add.error) === 'auth.wrong_code' || codeOf(add.error) === 'request.invalid'
  const problem = add.error instanceof ApiError ? add.error.problem : undefined
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (begun.data && !add.isPending) add.mutate(begun.data.token)
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t.appTitle}
      description={t.appScan}
      footer={
        <>
          <DialogClose>
            <Button variant="ghost">{ui.cancel}</Button>
          </DialogClose>
          <Button
            type="submit"
            form="add-totp"
            variant="primary"
            disabled={!begun.data}
            isLoading={add.isPending}
          >
            {t.turnOn}
          </Button>
        </>
      }
    >
      {begun.isPending && <SkeletonRows rows={4} />}
      {begun.isError && <ErrorPanel error={begun.error} onRetry={() => void begun.refetch()} />}
      {begun.data && (
        <form id="add-totp" onSubmit={submit} className="flex flex-col gap-5 sm:flex-row sm:items-start">
          <QrCode text={begun.data.uri} label={t.qrCode} />
          <div className="min-w-0 flex-1 space-y-5">
            <div>
              <p className="mb-1.5 font-medium">{t.typeIn}</p>
              <Copyable value={begun.data.secret} what={t.key} />
            </div>
            <Field
              label={t.firstCode}
              hint={t.firstCodeHint}
              error={isWrong ? problem?.title : undefined}
              fix={isWrong ? problem?.fix : undefined}
            >
              <Input
                mono
                required
                inputMode="numeric"
                autoComplete="one-time-code"
                value={code}
                onChange={({ target }) => setCode(target.value)}
                className="max-w-44"
              />
            </Field>
            {add.isError && !isWrong && <ErrorPanel error={add.error} isCompact />}
          </div>
        </form>
      )}
    </Dialog>
  )
}

/** Black on white in both themes: cameras read nothing else. */
function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { data, size } = encode(text, { border: 2 })
  const path = data.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-44 shrink-0 rounded-md border border-border bg-[white]"
    >
      <path d={path} fill="black" />
    </svg>
  )
}
