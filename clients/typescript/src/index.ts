/** A typed client of the ReViewPoint API. `schema.ts` is generated from the OpenAPI document by `make client`. */
import createFetchClient from "openapi-fetch";
import type { components, paths } from "./schema.ts";

export type Upload = components["schemas"]["Upload"];
export type ApiError = components["schemas"]["ErrorEnvelope"]["error"];
export type Client = ReturnType<typeof createClient>;

/** A client of the API at `baseUrl`; `token` gives the access token of the moment, if there is one. */
export function createClient(baseUrl: string, token: () => string | undefined = () => undefined) {
  const client = createFetchClient<paths>({ baseUrl });
  client.use({
    onRequest({ request }) {
      const access = token();
      if (access !== undefined && !request.headers.has("Authorization")) {
        request.headers.set("Authorization", `Bearer ${access}`);
      }
      return request;
    },
  });
  return client;
}

export { uploadFile } from "./upload.ts";
