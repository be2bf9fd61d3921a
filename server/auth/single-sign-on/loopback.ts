/** Within this machine nobody can listen in; anywhere else a provider must be encrypted. */
export function isLoopback(address: string): boolean {
  const name = new URL(address).hostname
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name)
}
