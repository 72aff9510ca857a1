"""An ASGI application behind an HTTP API or a function URL, by way of Mangum."""

from mangum import Mangum
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route


async def home(request: Request):
    return PlainTextResponse("Hello from Starlette")


async def greet(request: Request):
    return JSONResponse({"hello": request.path_params["name"], "query": dict(request.query_params)})


def blocking(request: Request):
    # Not `async`: Starlette runs it in a thread where there are threads.
    return JSONResponse({"blocking": True})


async def echo(request: Request):
    return JSONResponse({"got": await request.json()}, status_code=201)


app = Starlette(
    routes=[
        Route("/", home),
        Route("/greet/{name}", greet),
        Route("/blocking", blocking),
        Route("/echo", echo, methods=["POST"]),
    ]
)
handler = Mangum(app, lifespan="off")
