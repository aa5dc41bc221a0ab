/** Sends a file: reserve it, PUT its bytes to the storage, say that they are sent. */
import type { Client, Upload } from "./index.ts";

/** The upload, its checks begun; rejects with the API's error, or an `Error` of the storage. `sent` is 0 to 1. */
export async function uploadFile(client: Client, file: File, progress: (sent: number) => void = () => {}): Promise<Upload> {
  const body = { filename: file.name, content_type: file.type, file_size: file.size };
  const created = await client.POST("/api/v1/uploads", { body });
  if (created.error) throw created.error.error;
  const { id, upload } = created.data;
  await new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest(); // `fetch` tells no progress of what is sent
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    request.onload = () => (request.status === 200 ? resolve() : reject(new Error(`Storage: ${request.status}`)));
    request.onerror = () => reject(new Error("The storage is not reachable."));
    request.open("PUT", upload!.url); // null only where an `Idempotency-Key` is used again
    for (const [name, value] of Object.entries(upload!.headers)) request.setRequestHeader(name, value);
    request.send(file);
  });
  const done = await client.POST("/api/v1/uploads/{upload_id}/complete", { params: { path: { upload_id: id } } });
  if (done.error) throw done.error.error;
  return done.data;
}
