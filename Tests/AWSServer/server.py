"""Runs moto, which stands for Secrets Manager, Parameter Store, STS and IAM, on a loopback port, with IAM's checks on.

Prints one JSON line: the URL, and the access keys of the users `reader`, `writer` and `nobody`, who may
assume roles and nothing else. The role `reader` may read; it can be assumed by `nobody`, with the external ID `customer-7`,
and by who shows the web identity token `good.web.token`.
"""

import io
import json
import logging
import threading
from urllib.parse import parse_qs

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto import settings
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

ACCOUNT = "123456789012"
READ = ["secretsmanager:GetSecretValue", "secretsmanager:ListSecrets", "ssm:GetParameter", "ssm:DescribeParameters"]
ALLOWED = {
    "reader": READ,
    "writer": ["secretsmanager:*", "ssm:*"],
    "nobody": ["sts:AssumeRole"],
    "anyone": ["sts:AssumeRoleWithWebIdentity"],
}


def policy(actions):
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    )


def trust():
    assume = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/nobody"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "customer-7"}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [assume]})


class Application:
    """moto, with what it lacks: it looks at no web identity token, and wants a signature where AWS has none."""

    def __init__(self):
        self.moto = DomainDispatcherApplication(create_backend_app)
        self.anyone = None

    def __call__(self, environ, start_response):
        if "urlencoded" in environ.get("CONTENT_TYPE", ""):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            if form.get("Action") == "AssumeRoleWithWebIdentity":
                if form.get("WebIdentityToken") != "good.web.token" or "HTTP_AUTHORIZATION" in environ:
                    return self.refuse(start_response)
                self.sign(environ, body)
        return self.moto(environ, start_response)

    def sign(self, environ, body):
        url = f"http://{environ['HTTP_HOST']}/"
        request = AWSRequest("POST", url, {"Content-Type": environ["CONTENT_TYPE"]}, body)
        SigV4Auth(self.anyone, "sts", "eu-west-1").add_auth(request)
        environ["HTTP_AUTHORIZATION"] = request.headers["Authorization"]
        environ["HTTP_X_AMZ_DATE"] = request.headers["X-Amz-Date"]

    def refuse(self, start_response):
        answer = (
            b"<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken</Code>"
            b"<Message>AWS's own words</Message></Error></ErrorResponse>"
        )
        start_response("400 Bad Request", [("Content-Type", "text/xml"), ("Content-Length", str(len(answer)))])
        return [answer]


def main():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = Application()
    server = make_server("127.0.0.1", 0, application, True, request_handler=MotoRequestHandler)
    url = f"http://127.0.0.1:{server.server_address[1]}"
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    iam = boto3.client(
        "iam", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="setup", aws_secret_access_key="setup"
    )
    users = {}
    for name, actions in ALLOWED.items():
        iam.create_user(UserName=name)
        iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=policy(actions))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        users[name] = {"id": key["AccessKeyId"], "key": key["SecretAccessKey"]}
    anyone = users.pop("anyone")
    application.anyone = Credentials(anyone["id"], anyone["key"])
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust())
    iam.put_role_policy(RoleName="reader", PolicyName="reader", PolicyDocument=policy(READ))
    settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    print(json.dumps({"url": url, "role": f"arn:aws:iam::{ACCOUNT}:role/reader", "users": users}), flush=True)
    serving.join()


main()
