//! An HTTP handler made for `wasmtime serve` or Spin: it exports `wasi:http/incoming-handler` and knows nothing of
//! Lambda. HTTP events reach it as requests.

use std::io::{self, Read, Write};

use wasip2::{
    exports::http::incoming_handler::Guest,
    http::types::{
        ErrorCode, Fields, HeaderError, IncomingBody, IncomingRequest, Method, OutgoingBody,
        OutgoingResponse, ResponseOutparam,
    },
};

mod routes;

use routes::{Request, Response};

struct HelloHttp;

impl Guest for HelloHttp {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let response = match read(&request) {
            Ok(request) => routes::respond(&request),
            Err(error) => {
                let problem = ErrorCode::InternalError(Some(error.to_string()));
                return ResponseOutparam::set(out, Err(problem));
            }
        };
        if let Err(error) = send(out, &response) {
            eprintln!("[ERROR] cannot send the answer: {error}");
        }
    }
}

wasip2::http::proxy::export!(HelloHttp);

fn read(request: &IncomingRequest) -> io::Result<Request> {
    let target = request.path_with_query().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let headers = request.headers().entries().into_iter();
    Ok(Request {
        method: name(request.method()),
        path: if path.is_empty() { "/".into() } else { path.into() },
        query: query.into(),
        headers: headers.map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned())).collect(),
        body: read_body(request)?,
    })
}

fn read_body(request: &IncomingRequest) -> io::Result<Vec<u8>> {
    let body = request.consume().map_err(|()| io::Error::other("the body was taken before"))?;
    let mut bytes = Vec::new();
    // The stream must go before its body.
    {
        let mut stream =
            body.stream().map_err(|()| io::Error::other("the body's stream was taken before"))?;
        stream.read_to_end(&mut bytes)?;
    }
    drop(IncomingBody::finish(body));
    Ok(bytes)
}

fn send(out: ResponseOutparam, response: &Response) -> io::Result<()> {
    let headers = Fields::new();
    for (name, value) in &response.headers {
        headers
            .append(name, value.as_bytes())
            .map_err(|error: HeaderError| io::Error::other(error.to_string()))?;
    }
    let answer = OutgoingResponse::new(headers);
    let refused = |()| io::Error::other("the runtime refused the answer");
    answer.set_status_code(response.status).map_err(refused)?;
    let body = answer.body().map_err(refused)?;
    ResponseOutparam::set(out, Ok(answer));
    {
        let mut stream = body.write().map_err(refused)?;
        stream.write_all(&response.body)?;
        Write::flush(&mut stream)?;
    }
    OutgoingBody::finish(body, None).map_err(io::Error::other)
}

fn name(method: Method) -> String {
    let name = match method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
        Method::Connect => "CONNECT",
        Method::Options => "OPTIONS",
        Method::Trace => "TRACE",
        Method::Patch => "PATCH",
        Method::Other(name) => return name,
    };
    name.into()
}
