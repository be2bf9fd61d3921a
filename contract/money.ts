/** US dollars as whole billionths. */
export type NanoUsd = number
