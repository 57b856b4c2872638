# Completes one line as bash does, and prints the candidates: bash --norc bash_completion.sh SCRIPT LINE
# bash itself cuts the line at its word breaks, so this does too.
# shellcheck shell=bash
# shellcheck disable=SC1090
. "$1"
line=$2
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
COMP_WORDS=()
word=''
for ((i = 0; i < ${#line}; i++)); do
  character=${line:i:1}
  case $character in
    ' ') [[ $word ]] && COMP_WORDS+=("$word"); word='' ;;
    [=:])
      # Word breaks that stand together are one word.
      if [[ $word && $word != *[!=:]* ]]; then
        word+=$character
      else
        [[ $word ]] && COMP_WORDS+=("$word")
        word=$character
      fi
      ;;
    *)
      if [[ $word && $word != *[!=:]* ]]; then
        COMP_WORDS+=("$word")
        word=''
      fi
      word+=$character
      ;;
  esac
done
COMP_WORDS+=("$word")
COMP_LINE=$line
COMP_POINT=${#line}
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_kyso "${COMP_WORDS[0]}" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[[ ${#COMPREPLY[@]} == 0 ]] || printf '%s\n' "${COMPREPLY[@]}"
