declare const self: ServiceWorkerGlobalScope

interface Message {
  readonly title?: unknown
  readonly body?: unknown
  readonly page?: unknown
  readonly tag?: string
}

/** Shows what the server sends while no page is open. */
export function showMessages(): void {
  self.addEventListener('push', (event) => {
    const { title = 'Carl', body = '', page = '/', tag } = read(event.data)
    const shown = { body: String(body), data: { page }, ...(tag !== undefined && { tag }) }
    event.waitUntil(self.registration.showNotification(String(title), shown))
  })
  self.addEventListener('notificationclick', (event) => {
    const { page } = (event.notification.data ?? {}) as Message
    event.notification.close()
    event.waitUntil(self.clients.openWindow(addressOf(page)))
  })
}

function read(data: PushMessageData | null): Message {
  try {
    return (data?.json() ?? {}) as Message
  } catch {
    return {}
  }
}

/** A page of this dashboard, and nothing else, whatever the message says. */
function addressOf(page: unknown): string {
  const { scope } = self.registration
  const path = typeof page === 'string' ? page.replace(/^\/+/, '') : ''
  const address = new URL(path, scope)
  return address.href.startsWith(scope) ? address.href : scope
}
