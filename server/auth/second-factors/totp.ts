import { Secret as Seed, TOTP } from 'otpauth'

/** What every authenticator app takes without being told: RFC 6238 with SHA-1, six digits, 30 seconds. */
const shape = { algorithm: 'SHA1', digits: 6, period: 30 } as const
/** A code of the step before or after counts too: clocks of phones differ (RFC 6238, 5.2). */
const toleratedSteps = 1
/** As RFC 4226 asks for. */
const seedBytes = 20

/** A secret to share with an app, Base32. */
export const newTotpSecret = (): string => new Seed({ size: seedBytes }).base32

/** The address that an app reads from a QR code. */
export function totpUri({ secret, userName, server }: { secret: string; userName: string; server: string }) {
  return new TOTP({ ...shape, secret, issuer: server, label: userName }).toString()
}

/** Which step of 30 seconds since 1970 a code belongs to; null when it is none of around now. */
export function stepOfCode(code: string, secret: string, now: Date): number | null {
  const timestamp = now.getTime()
  const delta = TOTP.validate({
    ...shape,
    token: code.replace(/[\s-]/g, ''),
    secret: Seed.fromBase32(secret),
    timestamp,
    window: toleratedSteps,
  })
  return delta === null ? null : TOTP.counter({ period: shape.period, timestamp }) + delta
}
