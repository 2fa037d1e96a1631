"""The emulator of AWS. moto reads its settings when it is imported, so they come first."""

import os

# a domain is proven by the record that is made for it
os.environ.update(MOTO_ACM_VALIDATION_WAIT="0", MOTO_IAM_LOAD_MANAGED_POLICIES="true", MOTO_ECS_SERVICE_RUNNING="1")
