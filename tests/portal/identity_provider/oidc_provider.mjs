// An OpenID Connect provider on 127.0.0.1 for tests: whoever signs in is who he says he is. Prints its issuer, one line.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const redirectUri = process.argv[2];
const server = createServer();
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "kyso",
      client_secret: "a secret of tests: & = %",
      redirect_uris: [redirectUri],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  pkce: { required: () => true },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  cookies: { keys: ["test"] },
  features: { devInteractions: { enabled: true } },
  // "unverified:a@b" has an address that nobody confirmed.
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({
      sub: id,
      name: "Nguyễn Văn A",
      email: id.replace(/^unverified:/, ""),
      email_verified: !id.startsWith("unverified:"),
    }),
  }),
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume();
process.stdin.on("end", () => process.exit(0)); // ends with who started it
