import * as z from 'zod'

/** The ways to reach a model. */
export const driverKinds = ['none', 'anthropic', 'openai-compatible', 'claude-code'] as const
export const driverKind = z.enum(driverKinds)
export type DriverKind = z.infer<typeof driverKind>
