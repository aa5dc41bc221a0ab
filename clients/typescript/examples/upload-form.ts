/** An upload form: sign in, choose a file, see its progress and its verdict. */
import { createClient, uploadFile, type ApiError } from "../src/index.ts";

let token: string | undefined;
const client = createClient(location.origin, () => token);

const form = document.createElement("form");
form.innerHTML = `
  <label>Username <input name="username" required></label>
  <label>Password <input name="password" type="password" required></label>
  <label>File <input name="file" type="file" required></label>
  <button>Upload</button> <progress max="1" value="0"></progress> <output></output>`;
const bar = form.querySelector("progress")!;
const output = form.querySelector("output")!;

async function send(fields: FormData): Promise<void> {
  const body = { username: String(fields.get("username")), password: String(fields.get("password")) };
  const login = await client.POST("/api/v1/auth/login", { body });
  if (login.error) throw login.error.error;
  token = login.data.access_token;
  let upload = await uploadFile(client, fields.get("file") as File, (sent) => (bar.value = sent));
  while (upload.status === "scanning") {
    output.value = "Checking …";
    await new Promise((resolve) => setTimeout(resolve, 300));
    const found = await client.GET("/api/v1/uploads/{upload_id}", { params: { path: { upload_id: upload.id } } });
    if (!found.data) throw new Error("The upload is gone.");
    upload = found.data;
  }
  output.value = upload.status === "available" ? `${upload.filename} is available.` : `Rejected: ${upload.reason}`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(new FormData(form)).catch((error: ApiError | Error) => (output.value = error.message));
});
document.body.append(form);
