"""A server whose every request and stop can be steered: /health, /hold?ms=…, and with SICK=… never well. It ends only when its last request has."""
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        url = urlsplit(self.path)
        if url.path == '/hold':
            time.sleep(int(parse_qs(url.query)['ms'][0]) / 1000)
        self.send_response(503 if os.environ.get('SICK') else 200)
        self.end_headers()
        self.wfile.write(f'{url.path}\n'.encode())

    def log_message(self, *_):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = False


def stop(*_):
    print('probe: SIGTERM', flush=True)
    # waits for the loop that this handler interrupts
    threading.Thread(target=server.shutdown).start()


server = Server(('', int(os.environ['PORT'])), Handler)
signal.signal(signal.SIGTERM, stop)
print('probe: listening', flush=True)
server.serve_forever()
server.server_close()
print('probe: the last request was answered', flush=True)
