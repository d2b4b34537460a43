// Where Rekey is, which application this is there, and the API that takes its access tokens.
export const settings = {
  issuer: "http://localhost:3000",
  client_id: "demo-spa",
  api: "http://localhost:8001/me",
};
