// node oidc-provider with its adapter in memory, one client with client_credentials: the peer.
import { Provider } from 'oidc-provider'

const port = Number(process.argv[2])
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{
    client_id: 'bench', client_secret: 'bench-secret-bench-secret-bench-secret', redirect_uris: [], response_types: [],
    grant_types: ['client_credentials'], token_endpoint_auth_method: 'client_secret_basic', scope: 'orders:read',
  }],
  scopes: ['orders:read'],
  features: { clientCredentials: { enabled: true }, introspection: { enabled: true }, devInteractions: { enabled: false } },
})
provider.listen(port, '127.0.0.1', () => console.log('ready'))
