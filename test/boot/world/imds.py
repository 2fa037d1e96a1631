#!/usr/bin/env python3
"""Stand-in for the instance metadata service, version 2 only: a token is required and the answer that carries it travels `hopLimit` hops."""
import http.server
import json
import pathlib
import secrets
import socket
import sys

HOME = pathlib.Path(sys.argv[1])
TOKENS = {}


class Handler(http.server.BaseHTTPRequestHandler):
    def box(self):
        return json.loads((HOME / f'{self.client_address[0]}.json').read_text())

    def log_message(self, *_):
        pass

    def reply(self, status, body=''):
        data = body.encode()
        self.send_response(status)
        self.send_header('Content-Type', 'text/plain')
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self):
        if self.path != '/latest/api/token' or 'X-Forwarded-For' in self.headers:
            return self.reply(403)
        if not self.headers.get('X-aws-ec2-metadata-token-ttl-seconds', '').isdigit():
            return self.reply(400)
        token = secrets.token_urlsafe(24)
        TOKENS[token] = self.client_address[0]
        self.connection.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, self.box()['hopLimit'])
        return self.reply(200, token)

    def do_GET(self):
        if TOKENS.get(self.headers.get('X-aws-ec2-metadata-token')) != self.client_address[0]:
            return self.reply(401)
        box = self.box()
        paths = {
            'meta-data/instance-id': box['instanceId'],
            'meta-data/placement/region': box['region'],
            'meta-data/placement/availability-zone': f"{box['region']}a",
            'meta-data/local-ipv4': self.client_address[0],
            'meta-data/autoscaling/target-lifecycle-state': box.get('lifecycleState', 'InService'),
            'meta-data/iam/security-credentials/': 'box',
            'meta-data/iam/security-credentials/box': '{"Code": "Success"}',
            'dynamic/instance-identity/document': json.dumps({'region': box['region'], 'instanceId': box['instanceId'], 'accountId': box['account'],
                                                              'availabilityZone': f"{box['region']}a"}),
        }
        found = paths.get(self.path.removeprefix('/latest/'))
        return self.reply(404) if found is None else self.reply(200, found)


http.server.ThreadingHTTPServer(('169.254.169.254', 80), Handler).serve_forever()
