import { domainOf } from "../../live/state";

/** Where the picture of a camera or an image is; `version` makes the browser fetch it anew. null without a token. */
export function pictureAddress(entityId: string, token: string | undefined, version: string): string | null {
  if (token === undefined) return null;
  const query = new URLSearchParams({ token, v: version });
  return `/api/${domainOf(entityId)}_proxy/${encodeURIComponent(entityId)}?${query.toString()}`;
}
