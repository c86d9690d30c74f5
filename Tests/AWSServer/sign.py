"""Signs the POST that the argument describes, in JSON, with AWS's own library, and prints time and signature."""

import calendar
import json
import sys
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

asked = json.loads(sys.argv[1])
request = AWSRequest(
    "POST", f"https://{asked['host']}/", {"Content-Type": "application/x-amz-json-1.1"}, asked["body"].encode()
)
credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", asked.get("token"))
SigV4Auth(credentials, asked["service"], asked["region"]).add_auth(request)
seconds = calendar.timegm(time.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))
print(json.dumps({"seconds": seconds, "authorization": request.headers["Authorization"]}))
