// Shows what the server sends while no page is open. It keeps nothing, and answers no request of a page.
self.addEventListener('push', (event) => {
  const { title = 'Carl', body = '', page = '/', tag } = read(event.data)
  event.waitUntil(
    self.registration.showNotification(String(title), { body: String(body), tag, data: { page } }),
  )
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(self.clients.openWindow(addressOf(event.notification.data?.page)))
})

function read(data) {
  try {
    return data?.json() ?? {}
  } catch {
    return {}
  }
}

// A page of this dashboard, and nothing else, whatever the message says.
function addressOf(page) {
  const scope = self.registration.scope
  const path = typeof page === 'string' ? page.replace(/^\/+/, '') : ''
  const address = new URL(path, scope)
  return address.href.startsWith(scope) ? address.href : scope
}
