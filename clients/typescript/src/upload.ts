/** Sends a file: reserve it, PUT its bytes to the storage, say that they are sent. */
import type { Client, Upload } from "./index.ts";

/** The upload, its checks begun; rejects with the API's error, or an `Error` of the storage. `sent` is 0 to 1. */
export async function uploadFile(client: Client, file: File, progress: (sent: number) => void = () => {}): Promise<Upload> {
  const body = { filename: file.name, content_type: file.type, file_size: file.size, is_public: false };
  const { data, error } = await client.POST("/api/v1/uploads", { body });
  if (error) throw error.error;
  if (data.upload) await put(data.upload, file, progress);
  const done = await client.POST("/api/v1/uploads/{upload_id}/complete", { params: { path: { upload_id: data.id } } });
  if (done.error) throw done.error.error;
  return done.data;
}

function put(target: { url: string; headers: Record<string, string> }, file: File, progress: (sent: number) => void) {
  return new Promise<void>((resolve, reject) => {
    const request = new XMLHttpRequest(); // `fetch` tells no progress of what is sent
    request.upload.onprogress = (event) => progress(event.loaded / event.total);
    // 412: the bytes are there already.
    request.onload = () => (request.status < 300 || request.status === 412 ? resolve() : reject(new Error(`Storage: ${request.status}`)));
    request.onerror = () => reject(new Error("The storage is not reachable."));
    request.open("PUT", target.url);
    for (const [name, value] of Object.entries(target.headers)) request.setRequestHeader(name, value);
    request.send(file);
  });
}
