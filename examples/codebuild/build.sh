#!/bin/sh
# Tests a commit in its own image; then builds the service image, tags it with the commit, pushes it, says so on the
# commit, and asks for the staging deploy. Stops at the first thing that fails, and says that on the commit too.
#
# Reads: APPLICATION, ENVIRONMENT, REPOSITORY_URI (of ECR), GITHUB_REPOSITORY (owner/name), COMMIT, AWS_REGION,
# GITHUB_STATUS_TOKEN (may set commit statuses, and nothing else), and what deploy.py reads:
# LONGSHORE_URL, LONGSHORE_CI, LONGSHORE_KEY. Secrets are on no command line.
set -eu

: "${APPLICATION:?}" "${ENVIRONMENT:?}" "${REPOSITORY_URI:?}" "${GITHUB_REPOSITORY:?}" "${COMMIT:?}" "${AWS_REGION:?}"
: "${GITHUB_STATUS_TOKEN:?}" "${LONGSHORE_URL:?}" "${LONGSHORE_CI:?}" "${LONGSHORE_KEY:?}"

# COMMIT becomes part of an address and of an image's name: a full commit hash and nothing else.
case "$COMMIT" in
*[!0-9a-f]*) echo "COMMIT is no commit hash" >&2; exit 2 ;;
esac
[ "${#COMMIT}" -eq 40 ] || { echo "COMMIT is no full commit hash" >&2; exit 2; }

image="$REPOSITORY_URI:$COMMIT"
tested="$APPLICATION-test:$COMMIT"
said=no

# status STATE DESCRIPTION: sets the commit status `build`. The token reaches curl on its standard input.
status() {
    printf 'header = "Authorization: Bearer %s"\n' "$GITHUB_STATUS_TOKEN" |
        curl --config - --fail --silent --show-error --output /dev/null --max-time 30 --retry 3 \
            --header 'Accept: application/vnd.github+json' \
            --data "{\"state\":\"$1\",\"context\":\"build\",\"description\":\"$2\"}" \
            "https://api.github.com/repos/$GITHUB_REPOSITORY/statuses/$COMMIT"
}

# Whatever fails before the image is there, the commit says so: nobody waits for a build that has ended.
ended() {
    [ "$said" = yes ] || status failure 'The build failed' || echo "the commit status could not be set" >&2
}
trap ended EXIT

status pending 'The build runs'

echo "== tests of $COMMIT"
docker build --target test --tag "$tested" .
docker run --rm "$tested"

echo "== image $image"
aws ecr get-login-password --region "$AWS_REGION" |
    docker login --username AWS --password-stdin "${REPOSITORY_URI%%/*}"
docker build --target service --label "org.opencontainers.image.revision=$COMMIT" --tag "$image" .
docker push "$image"

# Only now: Longshore deploys what this status stands for, where it is among the environment's checks.
status success 'Tested, and pushed'
said=yes

echo "== deploy to $ENVIRONMENT"
python3 deploy.py "$APPLICATION" "$COMMIT" "$ENVIRONMENT"
