// A language model behind the OpenAI chat protocol: llama.cpp on the CPU, one slot, one request after another.
// usage: node server.mjs MODEL.gguf PORT CONTEXT — prints "ready" once it listens; a line of JSON for each request.
// A prompt over the context is refused as llama-server does; a caller who goes away ends the generation.
import http from "node:http";
import { LlamaCompletion, LlamaGrammar, getLlama } from "node-llama-cpp";

const [, , modelPath, port, size] = process.argv;
const contextSize = Number(size);
const llama = await getLlama({ gpu: false, build: "never", logLevel: "error", maxThreads: 2 });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize, sequences: 1, threads: 2 });
const completion = new LlamaCompletion({ contextSequence: context.getSequence() });
let turn = Promise.resolve();

const render = (messages) =>
  messages.map((m) => `<|im_start|>${m.role}\n${m.content}<|im_end|>\n`).join("") + "<|im_start|>assistant\n";
const send = (response, status, body) => {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
};
const grammarOf = async (body) => {
  if (body.grammar) return new LlamaGrammar(llama, { grammar: body.grammar });
  const shape = body.response_format?.json_schema?.schema;
  return shape ? llama.createGrammarForJsonSchema(shape) : undefined;
};

async function answer(body, response, gone) {
  const tokens = model.tokenize(render(body.messages), true);
  if (tokens.length + 8 > contextSize) {
    const message = `request (${tokens.length} tokens) exceeds the available context size (${contextSize} tokens)`;
    send(response, 400, { error: { code: 400, message, type: "exceed_context_size_error" } });
    return { refused: tokens.length };
  }
  const head = { id: "chatcmpl", created: 0, model: "smollm2" };
  const chunk = (delta, finish_reason = null) =>
    response.write(
      `data: ${JSON.stringify({ ...head, object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason }] })}\n\n`,
    );
  if (body.stream) response.writeHead(200, { "content-type": "text/event-stream" });
  let made = 0;
  const { response: text, metadata } = await completion.generateCompletionWithMeta(tokens, {
    maxTokens: Math.min(body.max_tokens ?? 64, contextSize - tokens.length - 4),
    temperature: body.temperature ?? 0,
    seed: body.seed,
    grammar: await grammarOf(body),
    disableContextShift: true,
    customStopTriggers: ["<|im_end|>"],
    signal: gone.signal,
    stopOnAbortSignal: true,
    onToken: (some) => (made += some.length),
    onTextChunk: (content) => body.stream && chunk({ role: "assistant", content }),
  });
  const finish_reason = metadata.stopReason === "maxTokens" ? "length" : "stop";
  const usage = { prompt_tokens: tokens.length, completion_tokens: made, total_tokens: tokens.length + made };
  if (body.stream) {
    chunk({}, finish_reason);
    response.end("data: [DONE]\n\n");
  } else {
    const message = { role: "assistant", content: text };
    send(response, 200, { ...head, object: "chat.completion", choices: [{ index: 0, message, finish_reason }], usage });
  }
  return { made, finish_reason, gone: gone.signal.aborted, stream: Boolean(body.stream) };
}

const server = http.createServer(async (request, response) => {
  let raw = "";
  for await (const part of request) raw += part;
  const gone = new AbortController();
  response.on("close", () => response.writableFinished || gone.abort());
  const mine = turn.then(() => answer(JSON.parse(raw), response, gone));
  turn = mine.then(
    (told) => console.log(JSON.stringify(told)),
    (error) => {
      console.log(JSON.stringify({ error: String(error) }));
      response.headersSent ? response.end() : send(response, 500, { error: { message: String(error) } });
    },
  );
});
server.listen(Number(port), "127.0.0.1", () => console.log("ready"));
